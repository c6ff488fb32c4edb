package dev.workspaceoperator.app;

import static dev.workspaceoperator.app.ApiCaller.KILL_SWITCH;
import static dev.workspaceoperator.app.ApiCaller.OVERRIDES;
import static dev.workspaceoperator.app.ApiCaller.WORKSPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiCaller.Reply;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The REST API and manifests change the same workspaces, and neither undoes the other. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class ApiE2eIT {
  private static Cluster cluster;
  private static ControllerRole controller;
  private static ApiServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    KubeApiServer kubernetes = SharedKubeApiServer.get();
    WorkspaceCrd.install(kubernetes);
    cluster = new Cluster(kubernetes, SharedDatabase.create(), "api-e2e");
    controller = cluster.controller();
    server = ApiServer.on(cluster.databaseUrl);
  }

  @AfterAll
  static void stop() {
    server.close();
    controller.close();
  }

  @Test
  void whatIsPatchedShowsInKubectl() throws Exception {
    cluster.applyAndAwait("patched", "plan: Pro", "Ready");
    Caller caller = caller("patched");

    assertThat(caller.patch("{\"daily_budget_usd\":12.5,\"max_concurrent_runs\":4}").status())
        .isEqualTo(200);

    withinASecond()
        .untilAsserted(() ->
            assertThat(cluster.kubectl("get", "ws", "patched").orThrow()).contains("12.5", " 4 "));
    assertThat(cluster.get("patched", "{.spec}")).isEqualTo("{\"plan\":\"Pro\"}");
  }

  @Test
  void aKillSwitchInTheManifestShowsAtOnceAndIsNotReleasedByTheApi() throws Exception {
    cluster.applyAndAwait("killed", "plan: Scale", "Ready");
    Caller caller = caller("killed");

    cluster
        .kubectl("patch", "ws", "killed", "--type=merge", "-p", "{\"spec\":{\"killSwitch\":true}}")
        .orThrow();

    withinASecond()
        .untilAsserted(() -> assertThat(caller.get().field("kill_switch")).isEqualTo("true"));
    Reply refused = caller.post(KILL_SWITCH, "{\"active\":false}");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo("KILL_SWITCH_DECLARED");
  }

  @Test
  void aDeclaredFieldIsTheManifestsUntilItIsTakenOut() throws Exception {
    cluster.applyAndAwait("declared", "plan: Pro, dailyBudgetUsd: 100", "Ready");
    Caller caller = caller("declared");

    Reply refused = caller.patch("{\"daily_budget_usd\":200}");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo("FIELD_MANAGED_DECLARATIVELY");
    assertThat(refused.json().path("declared_by").asText())
        .isEqualTo(cluster.namespace + "/declared");

    cluster.applyAndAwait("declared", "plan: Pro", "Ready");
    assertThat(caller.patch("{\"daily_budget_usd\":200}").field("daily_budget_usd"))
        .isEqualTo("200");
  }

  @Test
  void applyingTheSameManifestAgainSeesNoDriftAndUndoesNothing() throws Exception {
    String manifest = cluster.manifest("gitops", "plan: Scale, dailyBudgetUsd: 100");
    argo(manifest);
    cluster.await("gitops", "Ready");
    Caller caller = caller("gitops");
    String generation = cluster.get("gitops", "{.metadata.generation}");
    String spec = cluster.get("gitops", "{.spec}");
    String managed = specManagers("gitops");

    for (int round = 1; round <= 3; round++) {
      assertThat(
              caller
                  .patch(
                      "{\"user_daily_budget_usd\":%d,\"max_concurrent_runs\":%d}"
                          .formatted(round, 10 + round))
                  .status())
          .isEqualTo(200);
      assertThat(caller.post(KILL_SWITCH, "{\"active\":%b}".formatted(round % 2 == 1)).status())
          .isEqualTo(200);
      // What Argo CD looks at: would an apply change anything?
      assertThat(diff(manifest)).as("exit code of kubectl diff").isZero();
      argo(manifest);

      assertThat(cluster.get("gitops", "{.metadata.generation}")).isEqualTo(generation);
      assertThat(cluster.get("gitops", "{.spec}")).isEqualTo(spec);
      assertThat(specManagers("gitops")).isEqualTo(managed);
      Reply now = caller.get();
      assertThat(now.field("user_daily_budget_usd")).isEqualTo(String.valueOf(round));
      assertThat(now.field("max_concurrent_runs")).isEqualTo(String.valueOf(10 + round));
      assertThat(now.field("kill_switch")).isEqualTo(String.valueOf(round % 2 == 1));
    }
  }

  @Test
  void aFrozenFieldIsChangedByTheApi() throws Exception {
    cluster.applyAndAwait("frozen", "plan: Pro, dailyBudgetUsd: 100", "Ready");
    Caller caller = caller("frozen");
    cluster.kubectl("delete", "ws", "frozen", "--timeout=10s").orThrow();

    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> caller.patch("{\"daily_budget_usd\":50}").status() == 200);

    assertThat(caller.get().field("daily_budget_usd")).isEqualTo("50");
    assertThat(cluster.row("frozen", "state, declared_daily_budget_micro_usd"))
        .isEqualTo("FROZEN|50000000");
  }

  @Test
  void thePlatformsKillSwitchStopsEveryWorkspace() throws Exception {
    cluster.applyAndAwait("platform-a", "plan: Basic", "Ready");
    cluster.applyAndAwait("platform-b", "plan: Scale", "Ready");
    Caller fleet = new Caller(new ApiCaller(server.port()), server.fleetKey(Scope.FLEET_WRITE));
    try {
      assertThat(
              fleet
                  .post("/v1/platform/kill-switch", "{\"active\":true,\"reason\":\"drill\"}")
                  .status())
          .isEqualTo(200);

      for (String name : new String[] {"platform-a", "platform-b"}) {
        await()
            .atMost(Duration.ofSeconds(10))
            .untilAsserted(() ->
                assertThat(cluster.condition(name, "KillSwitchActive")).isEqualTo("True Platform"));
        Reply refused = caller(name).post(KILL_SWITCH, "{\"active\":false}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("KILL_SWITCH_PLATFORM");
      }
    } finally {
      fleet.post("/v1/platform/kill-switch", "{\"active\":false}");
    }
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(cluster.condition("platform-b", "KillSwitchActive")).isEmpty());
  }

  @Test
  void anOverrideShowsInKubectlAndGoesByItself() throws Exception {
    cluster.applyAndAwait("glass", "plan: Pro, maxConcurrentRuns: 5", "Ready");
    Instant end = Instant.now().plusSeconds(6);

    assertThat(
            caller("glass")
                .post(
                    OVERRIDES,
                    "{\"max_concurrent_runs\":77,\"expires_at\":\"%s\",\"reason\":\"incident\"}"
                        .formatted(end))
                .status())
        .isEqualTo(201);

    withinASecond()
        .untilAsserted(
            () -> assertThat(cluster.kubectl("get", "ws", "glass").orThrow()).contains(" 77 "));
    assertThat(cluster.get("glass", "{.status.effective.maxConcurrentRuns.source}"))
        .isEqualTo("Override");
    await()
        .atMost(Duration.ofSeconds(12))
        .untilAsserted(() ->
            assertThat(cluster.get("glass", "{.status.effective.maxConcurrentRuns}"))
                .contains("\"source\":\"Declared\"", "\"value\":5"));
    assertThat(Instant.now()).isAfter(end);
  }

  private static ConditionFactory withinASecond() {
    return await().atMost(Duration.ofSeconds(1)).pollInterval(Duration.ofMillis(20));
  }

  private static Caller caller(String name) throws Exception {
    UUID id = UUID.fromString(cluster.row(name, "workspace_id"));
    return new Caller(new ApiCaller(server.port()), server.keyWithAllScopes(id));
  }

  private static void argo(String manifest) throws InterruptedException {
    cluster
        .server
        .kubectlWithInput(
            manifest, "apply", "--server-side", "--field-manager=argocd-controller", "-f", "-")
        .orThrow();
  }

  private static int diff(String manifest) throws InterruptedException {
    return cluster
        .server
        .kubectlWithInput(
            manifest, "diff", "--server-side", "--field-manager=argocd-controller", "-f", "-")
        .exitCode();
  }

  /** Who owns which fields, but for status. */
  private static String specManagers(String name) throws InterruptedException {
    return cluster
        .kubectl(
            "get",
            "ws",
            name,
            "--show-managed-fields",
            "-o",
            "jsonpath={range .metadata.managedFields[?(@.manager==\"argocd-controller\")]}{.fieldsV1}{end}")
        .orThrow();
  }

  /** One workspace's client. */
  private record Caller(ApiCaller api, String key) {
    Reply get() throws IOException {
      return api.get(key, WORKSPACE);
    }

    Reply patch(String body) throws IOException {
      return api.call(key, "PATCH", WORKSPACE, body);
    }

    Reply post(String path, String body) throws IOException {
      return api.call(key, "POST", path, body);
    }
  }
}
