package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.workspaceoperator.workspace.Plan;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may give a workspace which plan is a matter of Kubernetes permissions (design.md §3.6). */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class PlanPermissionsIT {
  private static final String NAMESPACE = "plan-permissions";
  private static final String POLICY = "workspace-operator-plan-assignment";
  private static final String API_VERSION = "workspace-operator.dev/v1";
  private static final PatchContext MERGE =
      new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();

  private static final Map<Subject, KubernetesClient> CLIENTS = new EnumMap<>(Subject.class);
  private static HelmCluster cluster;
  private static KubernetesClient administrator;
  private static int made;

  /** Who tries, and the highest plan that he may assign. */
  enum Subject {
    /** May do everything in his namespace, and has no permission for any plan. */
    NAMESPACE_ADMIN(Plan.BASIC),
    /** Has the chart's role for editors, and its role for the plan Pro. */
    PRO_ASSIGNER(Plan.PRO),
    /** The same with the roles of all plans. */
    EVERY_ASSIGNER(Plan.ENTERPRISE),
    /** Bound to cluster-admin. */
    CLUSTER_ADMIN(Plan.ENTERPRISE);

    private final Plan highest;

    Subject(Plan highest) {
      this.highest = highest;
    }

    boolean mayAssign(Plan plan) {
      return plan.compareTo(highest) <= 0;
    }

    String user() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @BeforeAll
  static void grant() throws InterruptedException {
    cluster = HelmCluster.get();
    cluster.prepareNamespace(NAMESPACE);
    administrator = cluster.client();
    cluster
        .server
        .kubectl("apply", "-f", "src/test/resources/helm/plan-permissions.yaml")
        .orThrow();
    for (Subject subject : Subject.values()) {
      CLIENTS.put(
          subject, cluster.client(config -> config.withImpersonateUsername(subject.user())));
    }
  }

  @AfterAll
  static void close() {
    CLIENTS.values().forEach(KubernetesClient::close);
    administrator.close();
  }

  static Stream<Arguments> everySubjectAndPlan() {
    return Stream.of(Subject.values())
        .flatMap(subject -> Stream.of(Plan.values()).map(plan -> Arguments.of(subject, plan)));
  }

  @ParameterizedTest(name = "{0} creates with {1}")
  @MethodSource("everySubjectAndPlan")
  void create(Subject subject, Plan plan) {
    String name = newName();

    judge(subject, plan, () -> as(subject).resource(workspace(name, plan)).create());
  }

  @ParameterizedTest(name = "{0} changes to {1}")
  @MethodSource("everySubjectAndPlan")
  void change(Subject subject, Plan plan) {
    Plan before = plan == Plan.ENTERPRISE ? Plan.SCALE : Plan.ENTERPRISE;
    String name = existing(before);

    judge(
        subject,
        plan,
        () -> patch(subject, name, "{\"spec\":{\"plan\":\"%s\"}}".formatted(plan.label())));
  }

  @ParameterizedTest(name = "{0} removes {1}")
  @MethodSource("everySubjectAndPlan")
  void remove(Subject subject, Plan plan) {
    String name = existing(plan);

    patch(subject, name, "{\"spec\":{\"plan\":null}}");
    assertThat(planOf(name)).isEmpty();
    assertThat(as(subject).withName(name).delete()).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(Subject.class)
  void whatIsNotThePlanIsChangedWithoutAPermissionForIt(Subject subject) {
    String name = existing(Plan.SCALE);

    patch(subject, name, "{\"spec\":{\"dailyBudgetUsd\":7}}");
    assertThat(planOf(name)).contains("Scale");
  }

  @Test
  void aNamespaceAdminCannotGiveHimselfThePermission() {
    KubernetesClientException refused =
        catchThrowableOfType(
            KubernetesClientException.class,
            () -> apply(Subject.NAMESPACE_ADMIN, "namespace-admin-for-the-cluster.yaml"));
    assertThat(refused.getCode()).isEqualTo(403);
    assertThat(refused).hasMessageContaining("clusterrolebindings");

    // A Role of his own is worth nothing: the permission is for the whole cluster.
    apply(Subject.NAMESPACE_ADMIN, "namespace-admin-for-himself.yaml");
    judge(
        Subject.NAMESPACE_ADMIN,
        Plan.SCALE,
        () -> as(Subject.NAMESPACE_ADMIN).resource(workspace(newName(), Plan.SCALE)).create());
  }

  @ParameterizedTest
  @EnumSource(
      value = Plan.class,
      names = {"PRO", "SCALE", "ENTERPRISE"})
  void serverSideApplyIsJudgedToo(Plan plan) {
    judge(
        Subject.NAMESPACE_ADMIN,
        plan,
        () ->
            as(Subject.NAMESPACE_ADMIN)
                .resource(workspace(newName(), plan))
                .fieldManager("argocd-controller")
                .serverSideApply());
  }

  /** Succeeds, or is refused by the policy and by nothing else. */
  private static void judge(Subject subject, Plan plan, Runnable attempt) {
    if (subject.mayAssign(plan)) {
      attempt.run();
      return;
    }
    as(subject).resource(workspace(newName(), Plan.BASIC)).create();
    KubernetesClientException refused =
        catchThrowableOfType(KubernetesClientException.class, attempt::run);
    assertThat(refused).isNotNull();
    assertThat(refused.getStatus().getReason()).isEqualTo("Forbidden");
    assertThat(refused.getCode()).isEqualTo(403);
    assertThat(refused)
        .hasMessageContaining("ValidatingAdmissionPolicy '%s'", POLICY)
        .hasMessageContaining("user %s may not assign the plan %s", subject.user(), plan.label())
        .hasMessageContaining("workspace-operator-plan-" + plan.label().toLowerCase(Locale.ROOT));
  }

  private static void apply(Subject subject, String file) {
    clientOf(subject)
        .load(PlanPermissionsIT.class.getResourceAsStream("/helm/" + file))
        .inNamespace(NAMESPACE)
        .serverSideApply();
  }

  private static KubernetesClient clientOf(Subject subject) {
    return Objects.requireNonNull(CLIENTS.get(subject));
  }

  private static String existing(Plan plan) {
    String name = newName();
    workspaces(administrator).inNamespace(NAMESPACE).resource(workspace(name, plan)).create();
    return name;
  }

  private static synchronized String newName() {
    return "w" + ++made;
  }

  private static GenericKubernetesResource workspace(String name, Plan plan) {
    GenericKubernetesResource workspace = new GenericKubernetesResource();
    workspace.setApiVersion(API_VERSION);
    workspace.setKind("Workspace");
    workspace.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace(NAMESPACE).build());
    workspace.setAdditionalProperty("spec", Map.of("plan", plan.label()));
    return workspace;
  }

  private static void patch(Subject subject, String name, String patch) {
    as(subject).withName(name).patch(MERGE, patch);
  }

  private static Optional<String> planOf(String name) {
    GenericKubernetesResource found =
        workspaces(administrator).inNamespace(NAMESPACE).withName(name).get();
    @Nullable Object plan = found.get("spec", "plan");
    return Optional.ofNullable(plan).map(Object::toString);
  }

  private static NonNamespaceOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      as(Subject subject) {
    return workspaces(clientOf(subject)).inNamespace(NAMESPACE);
  }

  private static MixedOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      workspaces(KubernetesClient client) {
    return client.genericKubernetesResources(API_VERSION, "Workspace");
  }
}
