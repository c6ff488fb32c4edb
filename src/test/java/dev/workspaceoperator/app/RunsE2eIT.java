package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a manifest says binds every run and step. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class RunsE2eIT {
  private static final String RUNS = "/v1/runs";
  private static final String ALICE = "{\"user_id\":\"alice\"}";

  private static Cluster cluster;
  private static ControllerRole controller;
  private static ApiServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    KubeApiServer kubernetes = SharedKubeApiServer.get();
    WorkspaceCrd.install(kubernetes);
    cluster = new Cluster(kubernetes, SharedDatabase.create(), "runs-e2e");
    controller = cluster.controller();
    server = ApiServer.on(cluster.databaseUrl);
  }

  @AfterAll
  static void stop() {
    server.close();
    controller.close();
  }

  private static ApiClient caller(String name) throws Exception {
    UUID id = UUID.fromString(cluster.row(name, "workspace_id"));
    return ApiClient.with(server.port(), server.keyWithAllScopes(id));
  }

  @Test
  void theBudgetOfTheManifestHoldsAndARaisedOneHelpsAtOnce() throws Exception {
    cluster.applyAndAwait("money", "plan: Pro, dailyBudgetUsd: 1", "Ready");
    ApiClient caller = caller("money");
    String run = caller.post(RUNS, ALICE).header("Location");
    String step = caller.post(run + "/steps", "{\"max_cost_usd\":0.75}").json().path("id").asText();

    ApiResponse refused = caller.post(run + "/steps", "{\"max_cost_usd\":0.5}");
    caller.post(run + "/steps/" + step + "/settle", "{\"cost_usd\":1}");
    cluster.applyAndAwait("money", "plan: Pro, dailyBudgetUsd: 1, name: Spent", "Ready");
    String exhausted = cluster.condition("money", "BudgetExhausted");
    cluster.applyAndAwait("money", "plan: Pro, dailyBudgetUsd: 2", "Ready");
    ApiResponse admitted = caller.post(run + "/steps", "{\"max_cost_usd\":1}");

    assertThat(refused.code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
    assertThat(exhausted).isEqualTo("True DailyBudget");
    assertThat(admitted.status()).as(admitted.body()).isEqualTo(201);
    assertThat(cluster.condition("money", "BudgetExhausted")).isEmpty();
  }

  @Test
  void theKillSwitchOfTheManifestStopsRunsOnceStatusShowsIt() throws Exception {
    cluster.applyAndAwait("stopped", "plan: Scale", "Ready");
    ApiClient caller = caller("stopped");
    String run = caller.post(RUNS, ALICE).header("Location");

    cluster.applyAndAwait(
        "stopped", "plan: Scale, killSwitch: true, killSwitchReason: drill", "KillSwitchActive");
    ApiResponse start = caller.post(RUNS, ALICE);
    ApiResponse step = caller.post(run + "/steps", "{}");
    cluster.applyAndAwait("stopped", "plan: Scale", "Ready");

    assertThat(start.code()).isEqualTo("KILL_SWITCH_ACTIVE");
    assertThat(start.json().path("latch").asText()).isEqualTo("Declared");
    assertThat(start.json().path("reason").asText()).isEqualTo("drill");
    assertThat(step.code()).isEqualTo("KILL_SWITCH_ACTIVE");
    assertThat(caller.post(run + "/steps", "{}").status()).isEqualTo(201);
  }

  @Test
  void aRunOfADeletedWorkspaceIsAdmittedWithinItsFrozenLimitsOrNotAtAll() throws Exception {
    cluster.applyAndAwait("kept", "plan: Pro, maxConcurrentRuns: 1", "Ready");
    cluster.applyAndAwait("gone", "plan: Pro, deletionPolicy: Delete", "Ready");
    ApiClient kept = caller("kept");
    ApiClient gone = caller("gone");

    cluster.kubectl("delete", "ws", "kept", "gone", "--timeout=20s").orThrow();

    assertThat(kept.post(RUNS, ALICE).status()).isEqualTo(201);
    assertThat(kept.post(RUNS, ALICE).code()).isEqualTo("MAX_CONCURRENT_RUNS_EXCEEDED");
    assertThat(gone.post(RUNS, ALICE).code()).isEqualTo("WORKSPACE_ARCHIVED");
  }
}
