package dev.workspaceoperator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.rule.PlanGate;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Holds the CRD's CEL rules against {@link PlanGate} on the real API server: which fields are
 * refused, for every plan before and after and every change of every gated field. A rule judges one
 * field and all of them are told at once, so one request can change several fields.
 */
class PlanGateEquivalenceIT {
  private static final String NAMESPACE = "plan-gate-equivalence";
  private static final List<String> DRY_RUN = List.of("All");
  private static final List<String> FOR_GOOD = List.of();
  private static final String ABSENT = "";

  private static final List<String> PLANS =
      List.of(ABSENT, "\"Basic\"", "\"Pro\"", "\"Scale\"", "\"Enterprise\"");
  private static final List<String> USER_BUDGETS_BEFORE = List.of(ABSENT, "100", "\"unlimited\"");
  private static final List<String> USER_BUDGETS_AFTER =
      List.of(ABSENT, "100", "\"100\"", "\"100.0\"", "\"100.000001\"", "0", "\"unlimited\"");
  private static final List<String> RUNS_BEFORE = List.of(ABSENT, "3", "20");
  private static final List<String> RUNS_AFTER = List.of(ABSENT, "3", "20", "21");
  private static final List<String> KILL_SWITCHES = List.of(ABSENT, "false", "true");

  private static KubernetesClient client;

  /**
   * A spec, each field as JSON or {@link #ABSENT}; the budget of the month is that of each user.
   */
  private record Spec(String plan, String userBudget, String runs, String killSwitch) {
    String name() {
      return "before-%d-%d-%d-%d"
          .formatted(
              PLANS.indexOf(plan),
              USER_BUDGETS_BEFORE.indexOf(userBudget),
              RUNS_BEFORE.indexOf(runs),
              KILL_SWITCHES.indexOf(killSwitch));
    }

    Spec onPlan(String otherPlan) {
      return new Spec(otherPlan, userBudget, runs, killSwitch);
    }

    String json() {
      return Stream.of(
              field("plan", plan),
              field("userDailyBudgetUsd", userBudget),
              field("monthlyBudgetUsd", userBudget),
              field("maxConcurrentRuns", runs),
              field("killSwitch", killSwitch))
          .filter(field -> !field.isEmpty())
          .collect(Collectors.joining(",", "{", "}"));
    }

    private static String field(String name, String value) {
      return value.isEmpty() ? "" : "\"%s\":%s".formatted(name, value);
    }
  }

  @BeforeAll
  static void install() throws InterruptedException, IOException {
    KubeApiServer server = SharedKubeApiServer.get();
    WorkspaceCrd.install(server);
    WorkspaceCrd.createNamespace(server, NAMESPACE);
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(Files.readString(server.kubeconfig())))
            .build();
  }

  @AfterAll
  static void close() {
    client.close();
  }

  @Test
  void creations() throws InterruptedException, ExecutionException {
    List<Callable<String>> comparisons = new ArrayList<>();
    for (String plan : PLANS) {
      for (String budget : USER_BUDGETS_AFTER) {
        for (String runs : RUNS_AFTER) {
          for (String killSwitch : KILL_SWITCHES) {
            Spec asked = new Spec(plan, budget, runs, killSwitch);
            comparisons.add(() ->
                difference(
                    "nothing",
                    DeclaredSettings.NONE,
                    asked,
                    refusedCreation("new", asked, DRY_RUN)));
          }
        }
      }
    }
    assertNoDifference(comparisons);
  }

  /** Every pair of values of each field; the fields before go together in step. */
  @Test
  void changes() throws InterruptedException, ExecutionException {
    assertNoDifferenceAfter(inStep());
  }

  private static List<Spec> inStep() {
    List<Spec> specs = new ArrayList<>();
    for (String plan : PLANS) {
      for (int i = 0; i < USER_BUDGETS_BEFORE.size(); i++) {
        specs.add(
            new Spec(plan, USER_BUDGETS_BEFORE.get(i), RUNS_BEFORE.get(i), KILL_SWITCHES.get(i)));
      }
    }
    return specs;
  }

  /** That no field's rule depends on another field. */
  @Test
  @Tag("long")
  void changesFromEveryOtherCombination() throws InterruptedException, ExecutionException {
    List<Spec> before = new ArrayList<>();
    for (String plan : PLANS) {
      for (String budget : USER_BUDGETS_BEFORE) {
        for (String runs : RUNS_BEFORE) {
          for (String killSwitch : KILL_SWITCHES) {
            before.add(new Spec(plan, budget, runs, killSwitch));
          }
        }
      }
    }
    before.removeAll(inStep());
    assertNoDifferenceAfter(before);
  }

  private static void assertNoDifferenceAfter(List<Spec> everyBefore)
      throws InterruptedException, ExecutionException {
    inParallel(
        everyBefore.stream()
            .<Callable<String>>map(before -> () -> makeByDowngrade(before))
            .toList());

    List<Callable<String>> comparisons = new ArrayList<>();
    for (Spec before : everyBefore) {
      for (String planAfter : PLANS) {
        // Every value of every field at least once; the fields are judged one by one.
        for (int i = 0; i < USER_BUDGETS_AFTER.size(); i++) {
          Spec asked =
              new Spec(
                  planAfter,
                  USER_BUDGETS_AFTER.get(i),
                  RUNS_AFTER.get(i % RUNS_AFTER.size()),
                  KILL_SWITCHES.get(i % KILL_SWITCHES.size()));
          comparisons.add(() ->
              difference(
                  before.json(),
                  declared(before),
                  asked,
                  refusedChange(before.name(), asked, DRY_RUN)));
        }
      }
    }
    assertNoDifference(comparisons);
  }

  /** Also what a plan would not let anybody set anew is reached: by a downgrade. */
  private static String makeByDowngrade(Spec before) {
    assertThat(refusedCreation(before.name(), before.onPlan("\"Enterprise\""), FOR_GOOD)).isEmpty();
    assertThat(refusedChange(before.name(), before, FOR_GOOD)).isEmpty();
    return "";
  }

  private static void assertNoDifference(List<Callable<String>> comparisons)
      throws InterruptedException, ExecutionException {
    List<String> answers = inParallel(comparisons);
    assertThat(answers).filteredOn(answer -> !answer.isEmpty()).isEmpty();
  }

  private static List<String> inParallel(List<Callable<String>> tasks)
      throws InterruptedException, ExecutionException {
    List<String> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<String> answer : threads.invokeAll(tasks)) {
        answers.add(answer.get());
      }
    }
    return answers;
  }

  private static String difference(
      String before, DeclaredSettings accepted, Spec asked, Set<String> refusedByServer) {
    Set<String> refusedByGate =
        PlanGate.judgeManifest(accepted, declared(asked)).stream()
            .map(PlanRefusal::specField)
            .map(field -> "spec." + field)
            .collect(Collectors.toCollection(TreeSet::new));
    return refusedByServer.equals(refusedByGate)
        ? ""
        : "from %s to %s the API server refuses %s and PlanGate %s"
            .formatted(before, asked.json(), refusedByServer, refusedByGate);
  }

  private static DeclaredSettings declared(Spec spec) {
    Workspace workspace = Serialization.unmarshal(resource("a", spec), Workspace.class);
    return switch (ManifestReader.read(workspace, "a-cluster")) {
      case Reading.WellFormed wellFormed -> wellFormed.manifest().settings();
      case Reading.Malformed malformed -> throw new AssertionError(malformed.toString());
    };
  }

  private static Set<String> refusedCreation(String name, Spec spec, List<String> dryRun) {
    return refusedFields(() ->
        workspaces()
            .resource(
                Serialization.unmarshal(resource(name, spec), GenericKubernetesResource.class))
            .dryRun(!dryRun.isEmpty())
            .create());
  }

  private static Set<String> refusedChange(String name, Spec spec, List<String> dryRun) {
    PatchContext context =
        new PatchContext.Builder().withPatchType(PatchType.JSON).withDryRun(dryRun).build();
    String patch = "[{\"op\":\"replace\",\"path\":\"/spec\",\"value\":%s}]".formatted(spec.json());
    return refusedFields(() -> workspaces().withName(name).patch(context, patch));
  }

  private static NonNamespaceOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      workspaces() {
    return client
        .genericKubernetesResources("workspace-operator.dev/v1", "Workspace")
        .inNamespace(NAMESPACE);
  }

  /** The fields with the cause Forbidden; any other answer than that or a success is an error. */
  private static Set<String> refusedFields(Runnable write) {
    Set<String> fields = new TreeSet<>();
    try {
      write.run();
    } catch (KubernetesClientException refusal) {
      if (refusal.getCode() != 422) {
        throw refusal;
      }
      for (StatusCause cause : refusal.getStatus().getDetails().getCauses()) {
        assertThat(cause.getReason()).as(cause.getMessage()).isEqualTo("FieldValueForbidden");
        assertThat(cause.getMessage()).contains(cause.getField() + " needs plan ");
        fields.add(cause.getField());
      }
    }
    return fields;
  }

  private static String resource(String name, Spec spec) {
    return """
    {"apiVersion":"workspace-operator.dev/v1","kind":"Workspace",
     "metadata":{"namespace":"%s","name":"%s"},"spec":%s}
    """
        .formatted(NAMESPACE, name, spec.json());
  }
}
