package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.IssuerFile;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.notification.KeyGrant;
import dev.workspaceoperator.notification.NotificationFile;
import dev.workspaceoperator.notification.NotificationSettings;
import dev.workspaceoperator.workspace.Scope;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetSpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the chart renders is accepted by a real API server, whatever the values, and comes back as
 * it was sent.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class ChartRenderIT {
  /** Nothing is installed there that a dry run could be merged with. */
  private static final String NAMESPACE = "renders";

  private static final PatchContext STRICT_DRY_RUN =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager("dry-run")
          .withForce(true)
          .withFieldValidation("Strict")
          .withDryRun(List.of("All"))
          .build();

  private static final Pattern MOUNTED_FILE = Pattern.compile("(?:caFile|tokenFile): (\\S+)");
  private static final Set<GenericKubernetesResource> ACCEPTED = new HashSet<>();

  private static Chart chart;
  private static KubernetesClient client;

  @BeforeAll
  static void prepare() throws InterruptedException {
    chart = new Chart();
    HelmCluster cluster = HelmCluster.get();
    cluster.prepareNamespace(NAMESPACE);
    for (String watched : List.of("team-a", "team-b", "1234", "null")) {
      cluster.prepareNamespace(watched);
    }
    String otherCrds = "src/test/resources/helm/other-crds.yaml";
    cluster.server.kubectl("apply", "-f", otherCrds).orThrow();
    cluster
        .server
        .kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", otherCrds)
        .orThrow();
    client = cluster.client();
  }

  @AfterAll
  static void close() {
    client.close();
  }

  @TestFactory
  Stream<DynamicTest> everyCombinationOfValuesIsAccepted() {
    Map<String, String> combinations = ValueCombinations.all();
    assertThat(combinations).hasSizeGreaterThanOrEqualTo(25);
    return combinations.entrySet().stream()
        .map(combination ->
            DynamicTest.dynamicTest(
                combination.getKey(), () -> isAccepted(rendered(combination.getValue()))));
  }

  /** Twice, and the same bytes both times. */
  private static String rendered(String values) throws InterruptedException {
    String first = chart.template(values, "--namespace=" + NAMESPACE).orThrow();
    String second = chart.template(values, "--namespace=" + NAMESPACE).orThrow();
    assertThat(second).isEqualTo(first).contains("kind: Deployment");
    return first;
  }

  /** As kubectl and Helm read YAML, to whom {@code 1234} and {@code no} are no names. */
  @Test
  void namesThatYamlWouldReadOtherwiseStayNames() throws InterruptedException {
    String values =
        String.valueOf(ValueCombinations.all().get("names that YAML would read otherwise"));
    HelmCluster cluster = HelmCluster.get();
    cluster
        .server
        .kubectlWithInput(
            rendered(values),
            "apply",
            "--server-side",
            "--force-conflicts",
            "--dry-run=server",
            "-f",
            "-")
        .orThrow();
  }

  @Test
  void theProgramAcceptsTheIssuersThatAreRendered(@TempDir Path directory)
      throws IOException, InterruptedException {
    ConfigMap rendered =
        Chart.find(
            chart.objects(String.valueOf(ValueCombinations.all().get("issuers"))),
            ConfigMap.class,
            Chart.RELEASE + "-issuers");
    Path file = directory.resolve("issuers.yaml");
    String mounted = "/etc/workspace-operator";
    Files.writeString(
        file,
        String.valueOf(rendered.getData().get("issuers.yaml"))
            .replace(mounted, directory.toString()));
    for (String path :
        MOUNTED_FILE.matcher(Files.readString(file)).results().map(it -> it.group(1)).toList()) {
      Files.createDirectories(Path.of(path).getParent());
      Files.writeString(Path.of(path), "x");
    }

    List<String> mistakes = new ArrayList<>();
    List<TokenIssuer> issuers = IssuerFile.read(file, mistakes::add);
    assertThat(issuers).hasSize(6);
    assertThat(issuers.getLast().tenancy())
        .isEqualTo(
            new TokenIssuer.Kubernetes(
                "default", Set.of("operations/on-call"), Set.of(Scope.FLEET_READ)));
    assertThat(mistakes).isEmpty();
  }

  @Test
  void theProgramAcceptsTheReceiversThatAreRendered(@TempDir Path directory)
      throws IOException, InterruptedException {
    NotificationSettings settings = rendered("notifications", directory);

    assertThat(settings.receivers()).hasSize(2);
    assertThat(settings.keys()).containsOnlyKeys("team-a", "elsewhere");
    assertThat(settings.workspaces().grants())
        .containsEntry("team-a", new KeyGrant("default", Set.of("team-a", "team-a-staging")))
        .containsEntry("elsewhere", new KeyGrant("west", Set.of("team-a")));
    assertThat(rendered("notifications of Workspaces alone", directory).keys())
        .containsOnlyKeys("team-a");
  }

  private static NotificationSettings rendered(String values, Path directory)
      throws IOException, InterruptedException {
    ConfigMap rendered =
        Chart.find(
            chart.objects(String.valueOf(ValueCombinations.all().get(values))),
            ConfigMap.class,
            Chart.RELEASE + "-notifications");
    Path file = directory.resolve("notifications.yaml");
    Files.writeString(
        file,
        String.valueOf(rendered.getData().get("notifications.yaml"))
            .replace("/etc/workspace-operator", directory.toString()));
    Files.createDirectories(directory.resolve("notification-keys"));
    for (String name : List.of("0", "1", "workspaces-0", "workspaces-1")) {
      Files.writeString(
          directory.resolve("notification-keys").resolve(name), "a key that nobody can guess");
    }
    List<String> mistakes = new ArrayList<>();
    NotificationSettings settings = NotificationFile.read(file, mistakes::add);
    assertThat(mistakes).isEmpty();
    return settings;
  }

  @Test
  void theBooksOfACloudNativeDatabaseOutliveTheRelease() throws InterruptedException {
    assertThat(chart.objects("database: {mode: cloudnative-pg}"))
        .filteredOn(object -> object.getApiVersion().startsWith("postgresql.cnpg.io/"))
        .singleElement()
        .satisfies(object ->
            assertThat(annotations(object)).containsEntry("helm.sh/resource-policy", "keep"));
  }

  @Test
  void theTestPodIsLetInAndIsNoPodOfTheOperator() throws InterruptedException {
    List<HasMetadata> objects =
        chart.objects(String.valueOf(ValueCombinations.all().get("strict network")));
    Map<String, String> labels =
        Chart.find(objects, Pod.class, Chart.RELEASE + "-test").getMetadata().getLabels();

    assertThat(objects)
        .filteredOn(Service.class::isInstance)
        .hasSize(3)
        .extracting(object -> ((Service) object).getSpec().getSelector().entrySet())
        .noneMatch(selector -> labels.entrySet().containsAll(selector));
    for (String role : List.of("-api", "-controller")) {
      assertThat(
              Chart.find(objects, NetworkPolicy.class, Chart.RELEASE + role).getSpec().getIngress())
          .isNotEmpty()
          .allSatisfy(rule ->
              assertThat(rule.getFrom())
                  .extracting(NetworkPolicyPeer::getPodSelector)
                  .anyMatch(pod ->
                      pod != null
                          && !pod.getMatchLabels().isEmpty()
                          && labels.entrySet().containsAll(pod.getMatchLabels().entrySet())));
    }
  }

  /** Helm reads numbers as floats, and a large one would become 1e+09. */
  @Test
  void bothRolesAreToldTheBudgetsOfTheInstallation() throws InterruptedException {
    List<HasMetadata> objects =
        chart.objects(String.valueOf(ValueCombinations.all().get("default budgets")));
    for (String role : List.of("-api", "-controller")) {
      assertThat(Chart.find(objects, ConfigMap.class, Chart.RELEASE + role).getData())
          .containsEntry("WORKSPACE_OPERATOR_DEFAULT_DAILY_BUDGET_USD", "1000000000")
          .containsEntry("WORKSPACE_OPERATOR_DEFAULT_USER_DAILY_BUDGET_USD", "25.50");
    }
  }

  @Test
  void thereIsNoHookButTheTest() throws InterruptedException {
    List<HasMetadata> objects = chart.objects(Chart.MINIMAL);
    assertThat(objects)
        .filteredOn(object -> annotations(object).containsKey("helm.sh/hook"))
        .singleElement()
        .satisfies(object -> {
          assertThat(object).isInstanceOf(Pod.class);
          assertThat(annotations(object)).containsEntry("helm.sh/hook", "test");
        });
  }

  @Test
  void everyContainerIsRestrictedToTheLetter() throws InterruptedException {
    List<PodTemplateSpec> templates =
        chart.objects("database: {mode: standalone, existingSecret: db}").stream()
            .flatMap(object -> template(object).stream())
            .toList();
    assertThat(templates).hasSize(4);
    for (PodTemplateSpec template : templates) {
      var pod = template.getSpec().getSecurityContext();
      assertThat(pod.getRunAsNonRoot()).isTrue();
      assertThat(pod.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
      assertThat(template.getSpec().getContainers())
          .extracting(Container::getSecurityContext)
          .allSatisfy(container -> {
            assertThat(container.getReadOnlyRootFilesystem()).isTrue();
            assertThat(container.getAllowPrivilegeEscalation()).isFalse();
            assertThat(container.getCapabilities().getDrop()).containsExactly("ALL");
          });
    }
    assertThat(templates)
        .filteredOn(ChartRenderIT::isOfTheOperator)
        .hasSize(3)
        .allSatisfy(template ->
            assertThat(template.getSpec().getSecurityContext().getRunAsUser()).isEqualTo(65532L));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      textBlock =
          """
          database.url=postgresql://u:other@h/d, true
          logging.level=debug, true
          tracing.endpoint=http://collector:4318, true
          auth.kubernetes.enabled=true, true
          api.replicas=7, false
          """)
  void whatAProcessReadsAtItsStartMakesNewPods(String change, boolean newPods)
      throws InterruptedException {
    String values = "database: {url: 'postgresql://u:first@h/d'}";

    PodTemplateSpec before = apiPod(chart.template(values).orThrow());
    PodTemplateSpec after = apiPod(chart.template(values, "--set=" + change).orThrow());

    if (newPods) {
      assertThat(after).isNotEqualTo(before);
    } else {
      assertThat(after).isEqualTo(before);
    }
  }

  @Test
  void aPodWaitsForEverySecretAndConfigMapThatItMounts() throws InterruptedException {
    List<Volume> volumes =
        chart.objects(String.valueOf(ValueCombinations.all().get("database authority"))).stream()
            .flatMap(object -> template(object).stream())
            .flatMap(template -> template.getSpec().getVolumes().stream())
            .toList();
    assertThat(volumes)
        .filteredOn(volume -> volume.getSecret() != null)
        .hasSize(2)
        .allSatisfy(volume -> assertThat(volume.getSecret().getOptional()).isNotEqualTo(true));
    assertThat(volumes)
        .filteredOn(volume -> volume.getConfigMap() != null)
        .hasSize(2)
        .allSatisfy(volume -> assertThat(volume.getConfigMap().getOptional()).isNotEqualTo(true));
  }

  private static PodTemplateSpec apiPod(String yaml) {
    return Chart.find(Chart.parse(yaml), Deployment.class, Chart.RELEASE + "-api")
        .getSpec()
        .getTemplate();
  }

  private static void isAccepted(String yaml) {
    for (GenericKubernetesResource object : Chart.parseGeneric(yaml)) {
      if (!ACCEPTED.add(object)) {
        continue; // The same as in another combination.
      }
      var api = client.genericKubernetesResources(object.getApiVersion(), object.getKind());
      String name = object.getMetadata().getName();
      GenericKubernetesResource accepted =
          Optional.ofNullable(object.getMetadata().getNamespace())
              .map(namespace -> api.inNamespace(namespace).withName(name))
              .orElseGet(() -> api.withName(name))
              .patch(STRICT_DRY_RUN, object);
      assertThat(accepted.getMetadata().getUid()).isNotEmpty();
      assertThat(Drift.between(object, accepted)).as("%s %s", object.getKind(), name).isEmpty();
    }
    // The namespace demands Pod Security "restricted", which is judged when a pod is made.
    Chart.parse(yaml).stream()
        .flatMap(object -> template(object).stream())
        .forEach(ChartRenderIT::isAcceptedAsPod);
  }

  private static void isAcceptedAsPod(PodTemplateSpec template) {
    Pod pod =
        new PodBuilder()
            .withMetadata(template.getMetadata())
            .editMetadata()
            .withName("of-template")
            .endMetadata()
            .withSpec(template.getSpec())
            .build();
    assertThat(client.pods().inNamespace(NAMESPACE).resource(pod).dryRun().create()).isNotNull();
  }

  private static Optional<PodTemplateSpec> template(HasMetadata object) {
    return switch (object) {
      case Deployment deployment -> Optional.of(deployment.getSpec().getTemplate());
      case StatefulSet set -> Optional.of(withClaims(set.getSpec()));
      case Pod pod -> Optional.of(new PodTemplateSpec(pod.getMetadata(), pod.getSpec()));
      default -> Optional.empty();
    };
  }

  /** As the StatefulSet's controller does, but that any volume will do here. */
  private static PodTemplateSpec withClaims(StatefulSetSpec set) {
    PodTemplateSpecBuilder template = new PodTemplateSpecBuilder(set.getTemplate());
    for (PersistentVolumeClaim claim : set.getVolumeClaimTemplates()) {
      template
          .editSpec()
          .addNewVolume()
          .withName(claim.getMetadata().getName())
          .withNewEmptyDir()
          .endEmptyDir()
          .endVolume()
          .endSpec();
    }
    return template.build();
  }

  private static boolean isOfTheOperator(PodTemplateSpec template) {
    return !"database"
        .equals(template.getMetadata().getLabels().get("app.kubernetes.io/component"));
  }

  private static Map<String, String> annotations(HasMetadata object) {
    return Optional.ofNullable(object.getMetadata().getAnnotations()).orElse(Map.of());
  }
}
