package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.KubeApiServerSpec;
import dev.workspaceoperator.env.KubeBinaries;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two clusters on one store. The CRD of the second one has lost its schema and its rules, so there
 * the reconciler alone must refuse.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class SecondClusterIT {
  private static final String CRD_WITHOUT_RULES =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: workspaces.workspace-operator.dev}
      spec:
        group: workspace-operator.dev
        scope: Namespaced
        names: {kind: Workspace, plural: workspaces, singular: workspace, shortNames: [ws]}
        versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            schema:
              openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
      """;

  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);

  @RegisterExtension final RoleProcesses controllers = RoleProcesses.ofEachTest();

  @TempDir private static Path directory;
  private static KubeApiServer secondServer;
  private static Cluster first;
  private static Cluster second;
  private static ControllerRole firstController;
  private static ControllerRole secondController;

  @BeforeAll
  static void start() throws InterruptedException {
    KubeApiServer firstServer = SharedKubeApiServer.get();
    WorkspaceCrd.install(firstServer);
    secondServer =
        KubeApiServer.start(
            KubeApiServerSpec.throwaway(directory),
            KubeBinaries.locate(System.err::println),
            System.err::println);
    secondServer.kubectlWithInput(CRD_WITHOUT_RULES, "apply", "-f", "-").orThrow();
    WorkspaceCrd.awaitServed(secondServer::kubectl);
    String database = SharedDatabase.create();
    first = new Cluster(firstServer, database, "first");
    second = new Cluster(secondServer, database, "second", first.namespace);
    firstController = first.controller();
    secondController = second.controller();
  }

  @AfterAll
  static void stop() {
    firstController.close();
    secondController.close();
    secondServer.close();
  }

  /** As of a cluster that was made anew, and whose controller is started as it was before. */
  @Test
  @Tag("long")
  void theNameOfAnotherClusterIsRefusedUnlessToldToAdoptIt() throws Exception {
    String databaseUrl = SharedDatabase.create();
    try (TeamWorkspace bench = TeamWorkspace.open(first.server, "one-name", databaseUrl)) {
      bench.create("{dailyBudgetUsd: 5}");
      RoleProcess controller = controllers.start(bench.electedOptions());
      await().atMost(STARTED_WITHIN).until(bench::isSynced);
      controller.stop();
    }
    try (TeamWorkspace bench = TeamWorkspace.openAsItIs(secondServer, "one-name", databaseUrl)) {
      bench.create("{dailyBudgetUsd: 7}");

      RoleProcess refused = controllers.start(bench.electedOptions());
      await().atMost(STARTED_WITHIN).until(() -> !refused.isAlive());
      assertThat(refused.exitCode()).isEqualTo(ControllerRole.EXIT_FAILED);
      assertThat(refused.log()).contains("one-name", "--adopt-cluster");
      assertThat(bench.storedBudget()).containsExactly("5");
      assertThat(TeamWorkspace.observedGeneration(bench.workspace())).isEqualTo(-1);

      controllers.start(bench.electedOptions(), "--adopt-cluster");
      await().atMost(STARTED_WITHIN).until(bench::isSynced);
      assertThat(bench.storedBudget()).containsExactly("7");
    }
  }

  @Test
  void theSameNamespaceAndNameInTwoClustersAreTwoWorkspaces() throws Exception {
    first.applyAndAwait("same", "slug: same-first, dailyBudgetUsd: 1", "Ready");
    second.applyAndAwait("same", "slug: same-second, dailyBudgetUsd: 2", "Ready");

    assertThat(first.row("same", "slug, declared_daily_budget_micro_usd"))
        .isEqualTo("same-first|1000000");
    assertThat(second.row("same", "slug, declared_daily_budget_micro_usd"))
        .isEqualTo("same-second|2000000");
    assertThat(first.row("same", "workspace_id")).isNotEqualTo(second.row("same", "workspace_id"));
  }

  @Test
  void aSlugOfAnotherClusterIsTaken() throws Exception {
    first.applyAndAwait("holder", "slug: held", "Ready");
    second.applyAndAwait("asker", "slug: held", "Stalled");

    assertThat(second.condition("asker", "Ready")).isEqualTo("False SlugTaken");
  }

  @Test
  void withoutRulesInTheClusterTheReconcilerRefusesWhatThePlanDoesNotAllow() throws Exception {
    second.applyAndAwait(
        "gated",
        "plan: Basic, killSwitch: true, userDailyBudgetUsd: 5, maxConcurrentRuns: 9",
        "Stalled");

    assertThat(second.condition("gated", "Ready")).isEqualTo("False PlanUpgradeRequired");
    assertThat(second.get("gated", "{.status.conditions[?(@.type==\"Stalled\")].message}"))
        .contains(
            "spec.killSwitch needs plan Scale",
            "spec.userDailyBudgetUsd needs plan Pro",
            "spec.maxConcurrentRuns needs plan Pro");
    assertThat(second.row("gated", "workspace_id")).isEmpty();
  }

  @Test
  void withoutASchemaEveryMistakeIsNamedAndTheLastAcceptedSettingsStay() throws Exception {
    second.applyAndAwait("garbled", "plan: Pro, dailyBudgetUsd: 8", "Ready");

    second.applyAndAwait(
        "garbled", "plan: Gold, dailyBudgetUsd: -1, maxConcurrentRuns: many, name: ''", "Stalled");

    assertThat(second.condition("garbled", "Ready")).isEqualTo("False InvalidSpec");
    assertThat(second.get("garbled", "{.status.conditions[?(@.type==\"Stalled\")].message}"))
        .contains("spec.plan", "spec.dailyBudgetUsd", "spec.maxConcurrentRuns", "spec.name");
    assertThat(second.get("garbled", "{.status.effective.dailyBudgetUsd.value}")).isEqualTo("8");
    assertThat(second.row("garbled", "plan, declared_daily_budget_micro_usd"))
        .isEqualTo("Pro|8000000");
  }
}
