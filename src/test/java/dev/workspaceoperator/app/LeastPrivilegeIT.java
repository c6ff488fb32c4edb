package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.helm.GrantedRights;
import dev.workspaceoperator.helm.HelmCluster;
import dev.workspaceoperator.helm.RenderedProcess;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * With the controller that the chart starts, as the ServiceAccount that the chart makes. What that
 * account asked of the API server is then compared with what the chart's roles grant: nothing was
 * denied, and no right is there that no test uses.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class LeastPrivilegeIT extends WorkspaceE2eTests {
  private static Cluster cluster;
  private static HelmCluster helm;
  private static RenderedProcess controller;

  LeastPrivilegeIT() {
    super(cluster);
  }

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    helm = HelmCluster.get();
    cluster = new Cluster(helm.server, helm.databaseUrl(), HelmCluster.CLUSTER_NAME);
    controller = startController();
  }

  /** After all tests, whatever their order: they are what uses the rights. */
  @AfterAll
  static void stopAndCompareRights() throws Exception {
    try {
      aResourceDeletedWhileNoControllerRunsIsFrozen();
    } finally {
      controller.close();
    }
    GrantedRights granted =
        GrantedRights.of(
            helm, "system:serviceaccount:workspace-operator:workspace-operator-controller");
    assertThat(granted.wildcards()).isEmpty();
    assertThat(granted.ofSecrets()).isEmpty();
    assertThat(granted.denied()).as("asked for and denied").isEmpty();
    assertThat(granted.unused()).as("granted and never asked for").isEmpty();
  }

  @Test
  void theRenderedProbesAreContent() {
    assertThat(controller.isContent()).isTrue();
  }

  @Test
  void theRestApiStartsFromItsDeploymentWithNoRightsInTheCluster() throws Exception {
    try (RenderedProcess api = helm.startRole("api")) {
      api.awaitContent();

      assertThat(api.get("http", "/v1/workspace/", "").statusCode()).isEqualTo(401);
      cluster.applyAndAwait("called", "plan: Pro, dailyBudgetUsd: 4", "Ready");
      assertThat(api.get("http", "/v1/workspace/", cluster.agentToken(), "Workspace", "called"))
          .satisfies(answer -> assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200))
          .satisfies(answer -> assertThat(answer.body()).contains("\"daily_budget_usd\":4"));
      String fleetKey =
          api.exec("key", "create", "--fleet", "--name=on-call", "--scopes=fleet:read").orThrow();
      assertThat(api.get("http", "/v1/workspaces", fleetKey.strip()).statusCode()).isEqualTo(200);
      GrantedRights rights =
          GrantedRights.of(helm, "system:serviceaccount:workspace-operator:workspace-operator-api");
      assertThat(rights.granted()).isEmpty();
      assertThat(rights.denied()).as("asked for and denied").isEmpty();
    }
  }

  private static void aResourceDeletedWhileNoControllerRunsIsFrozen() throws Exception {
    cluster.applyAndAwait("unseen", "plan: Pro", "Ready");
    controller.close();
    cluster.kubectl("delete", "ws", "unseen", "--timeout=10s").orThrow();
    controller = startController();

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(cluster.row("unseen", "state")).isEqualTo("FROZEN"));
  }

  private static RenderedProcess startController() throws IOException {
    RenderedProcess process = helm.startRole("controller");
    process.awaitContent();
    return process;
  }
}
