package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.ServingAuthority;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.helm.ChartRelease;
import dev.workspaceoperator.helm.GrantedRights;
import dev.workspaceoperator.helm.HelmCluster;
import dev.workspaceoperator.helm.RenderedProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two releases of the chart in one cluster, each with a database of its own whose owner is no
 * superuser, and what their processes do when their mounted files change.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ReleasesIT {
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(60);
  private static final Duration CONVERGED_WITHIN = Duration.ofSeconds(30);

  private static Installation blue;
  private static Installation green;

  /**
   * A release, the namespace that it watches, and its controller.
   *
   * @param cluster the watched namespace and the release's database, seen by the administrator
   * @param owner the database's owner, as whom the release signs in
   */
  private record Installation(
      ChartRelease release, Cluster cluster, String owner, RenderedProcess controller) {
    static Installation start(String color) throws Exception {
      HelmCluster helm = HelmCluster.get();
      String name = "workspace-operator-" + color;
      String databaseUrl = SharedDatabase.createEmpty();
      URI url = URI.create(databaseUrl);
      String owner = "owner_of" + url.getPath().replace('/', '_');
      Cluster cluster = new Cluster(helm.server, databaseUrl, name, color + "-team");
      cluster.execute("CREATE ROLE %s LOGIN PASSWORD 'first'".formatted(owner));
      cluster.execute("ALTER DATABASE %s OWNER TO %s".formatted(url.getPath().substring(1), owner));
      ChartRelease release =
          ChartRelease.install(
              helm,
              name,
              cluster.namespace,
              "postgresql://%s@%s:%d%s"
                  .formatted(owner, url.getHost(), url.getPort(), url.getPath()),
              "first");
      return new Installation(release, cluster, owner, release.startRole("controller"));
    }
  }

  @BeforeAll
  static void install() throws Exception {
    blue = Installation.start("blue");
    green = Installation.start("green");
    blue.controller().awaitContent();
    green.controller().awaitContent();
  }

  @AfterAll
  static void stop() throws InterruptedException {
    for (Installation each : new Installation[] {blue, green}) {
      each.controller().close();
      each.release().uninstall();
    }
  }

  @Test
  void eachManagesTheWorkspacesOfItsOwnNamespaces() throws Exception {
    blue.cluster().applyAndAwait("same", "dailyBudgetUsd: 1", "Ready");
    green.cluster().applyAndAwait("same", "dailyBudgetUsd: 2", "Ready");

    for (Installation each : new Installation[] {blue, green}) {
      assertThat(each.cluster().get("same", "{.status.id}"))
          .isEqualTo(each.cluster().row("same", "workspace_id"));
      assertThat(each.cluster().query("SELECT string_agg(DISTINCT namespace, ',') FROM workspace"))
          .isEqualTo(each.cluster().namespace);
      GrantedRights rights =
          GrantedRights.of(each.release().cluster(), each.release().controllerAccount());
      assertThat(rights.denied()).as("asked for and denied").isEmpty();
    }
  }

  @Test
  @Tag("long")
  void aPasswordThatWasChangedIsPickedUpWithoutARestart() throws Exception {
    blue.cluster().applyAndAwait("paid", "plan: Pro, dailyBudgetUsd: 4", "Ready");
    try (RenderedProcess api = blue.release().startRole("api")) {
      api.awaitContent();
      String token = blue.cluster().agentToken();
      assertThat(workspace(api, token).statusCode()).isEqualTo(200);

      blue.cluster().execute("ALTER ROLE %s PASSWORD 'second'".formatted(blue.owner()));
      endSessions(blue);
      await()
          .atMost(CONVERGED_WITHIN)
          .untilAsserted(() ->
              assertThat(workspace(api, token))
                  .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(503))
                  .satisfies(answer -> assertThat(answer.body()).contains("STORE_UNAVAILABLE")));
      blue.release().storePassword("second");
      api.updateMounted("/etc/workspace-operator/database");
      blue.controller().updateMounted("/etc/workspace-operator/database");
      blue.cluster().applyAndAwait("paid", "plan: Pro, dailyBudgetUsd: 5", "Ready");

      await()
          .atMost(CONVERGED_WITHIN)
          .untilAsserted(
              () -> assertThat(workspace(api, token).body()).contains("\"daily_budget_usd\":5"));
      assertThat(api.isAlive()).isTrue();
      assertThat(blue.controller().isAlive()).isTrue();
    }
  }

  @Test
  @Tag("long")
  void aProcessThatStartsBeforeItsSecretIsRightWaits() throws Exception {
    green.release().storePassword("wrong");
    try (RenderedProcess api = green.release().startRole("api")) {
      await()
          .atMost(STARTS_WITHIN)
          .untilAsserted(
              () -> assertThat(api.log()).contains("waiting for the database", "password"));
      assertThat(api.isContent()).isFalse();

      green.release().storePassword("first");
      api.updateMounted("/etc/workspace-operator/database");

      api.awaitContent();
    }
  }

  @Test
  void aChangedAuthorityOfTheApiServerEndsTheController(@TempDir Path directory) throws Exception {
    String both =
        green.release().cluster().certificateAuthority()
            + ServingAuthority.create(directory).certificate();
    try (RenderedProcess controller = green.release().startRole("controller")) {
      controller.awaitContent();

      controller.updateAuthority(both);

      await().atMost(CONVERGED_WITHIN).until(() -> !controller.isAlive());
      assertThat(controller.exitCode())
          .as(controller.log())
          .isEqualTo(ControllerRole.EXIT_AUTHORITY_CHANGED);
      assertThat(controller.log()).contains("certificate authority has changed");
    }
    assertThat(green.controller().isAlive()).isTrue();
  }

  private static void endSessions(Installation installation) throws SQLException {
    try (Connection session = Sessions.open(installation.cluster().databaseUrl);
        Statement statement = session.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'"
              .formatted(installation.owner()));
    }
  }

  private static HttpResponse<String> workspace(RenderedProcess api, String token)
      throws IOException, InterruptedException {
    return api.get("http", "/v1/workspace/", token, "Workspace", "paid");
  }
}
