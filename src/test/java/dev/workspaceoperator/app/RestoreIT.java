package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.EventStream;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backup is restored under a cluster that lives on: a controller and a replica of the REST API
 * that never stop. Every command is the one of {@code docs/backup.md}.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RestoreIT {
  private static final Duration WITHIN = Duration.ofSeconds(60);
  private static final String RUNS = "/v1/runs";
  private static final String ADA = "{\"user_id\":\"ada\"}";

  @RegisterExtension final RoleProcesses processes = RoleProcesses.ofEachTest();

  /** The small one, of each build: what a restore does to a status, without a restore. */
  @Test
  void aStatusThatKnowsMoreThanTheDatabaseIsToldAndWhatWasStoppedStaysSo() throws Exception {
    KubeApiServer kubernetes = SharedKubeApiServer.get();
    WorkspaceCrd.install(kubernetes);
    Cluster cluster = new Cluster(kubernetes, SharedDatabase.create(), "went-back");
    try (ControllerRole _ = cluster.controller()) {
      cluster.applyAndAwait("team", "plan: Scale, slug: went-back", "Ready");
      String lost = "f".repeat(64);
      cluster
          .kubectl(
              "patch",
              "ws",
              "team",
              "--subresource=status",
              "--type=merge",
              "-p",
              """
              {"status": {"audit": {"seq": 57, "hash": "%s"}, "usage": {"day": "2999-12-31", "spentUsd": "35",
               "reservedUsd": "0", "activeRuns": 0, "asOf": "2026-01-01T00:00:00Z"}, "killSwitch": {"latches":
               [{"source": "Runtime", "since": "2026-01-01T00:00:00Z", "reason": "an incident"}]}}}
              """
                  .formatted(lost))
          .orThrow();

      cluster.applyAndAwait("team", "plan: Scale, slug: went-back, name: Next", "HistoryLost");

      assertThat(cluster.condition("team", "Ready")).isEqualTo("True Synced");
      assertThat(cluster.condition("team", "KillSwitchActive")).isEqualTo("True Runtime");
      assertThat(cluster.get("team", "{.status.killSwitch.latches[0].reason}"))
          .isEqualTo("an incident");
      assertThat(cluster.get("team", "{.status.conditions[?(@.type==\"HistoryLost\")].message}"))
          .contains("row 57", lost, "its newest is row", "35 USD spent on 2999-12-31");
      assertThat(cluster.query("SELECT count(*) FROM audit WHERE field = 'history'"))
          .isEqualTo("1");
      await().atMost(WITHIN).until(() -> events(cluster).contains("HistoryLost"));

      cluster.applyAndAwait("team", "plan: Scale, slug: went-back, name: Third", "HistoryLost");
      assertThat(cluster.query("SELECT count(*) FROM audit WHERE field = 'history'"))
          .as("told once")
          .isEqualTo("1");
    }
  }

  @Test
  @Tag("long")
  void aDumpThatIsOlderThanWhatWasInForce(@TempDir Path directory) throws Exception {
    try (RestoreSite site = RestoreSite.open(directory, processes)) {
      Cluster cluster = site.cluster;
      RoleProcess controller = site.controller();
      ApiReplica api = site.api();
      cluster.applyAndAwait("team", "plan: Scale, userDailyBudgetUsd: 9", "Ready");
      String revokedLater = site.key("team", "old");
      ApiClient team = ApiClient.with(api.caller().port(), revokedLater);
      assertThat(team.patch("/v1/workspace/", "{\"daily_budget_usd\":50}").status()).isEqualTo(200);
      String kept = team.withHeader("Idempotency-Key", "kept").post(RUNS, ADA).header("Location");
      site.paste("pg_dump").orThrow();

      String made = site.key("team", "new");
      ApiClient later = ApiClient.with(api.caller().port(), made);
      later.patch("/v1/workspace/", "{\"daily_budget_usd\":5}");
      String run = later.withHeader("Idempotency-Key", "lost").post(RUNS, ADA).header("Location");
      String step = later.post(run + "/steps", "{\"max_cost_usd\":2}").json().path("id").asText();
      later.post(run + "/steps/" + step + "/settle", "{\"cost_usd\":2}");
      revoke(later, "old");
      later.post("/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"an incident\"}");
      cluster.await("team", "KillSwitchActive");
      cluster.applyAndAwait("team", "plan: Scale, userDailyBudgetUsd: 8", "KillSwitchActive");
      site.paste("audit heads").orThrow();
      String head = cluster.get("team", "{.status.audit.seq}:{.status.audit.hash}");
      long revision = Long.parseLong(cluster.query("SELECT revision FROM workspace"));
      try (EventStream stream = later.events("/v1/workspace/events")) {
        assertThat(Long.parseLong(stream.next(WITHIN).id())).isEqualTo(revision);

        site.paste("createdb").orThrow();
        site.paste("workspace-operator migrate").orThrow();
        CommandResult before = site.paste("--heads heads.txt");
        site.paste("kill-switch on").orThrow();
        site.paste("RENAME TO").orThrow();

        assertThat(before.exitCode()).as(before.stdout() + before.stderr()).isEqualTo(1);
        assertThat(before.stdout())
            .containsPattern("Rows \\d+ to \\d+ of [0-9a-f-]{36} are gone: the chain ends with row")
            .contains("disagree(s).");
        await()
            .atMost(WITHIN)
            .until(() -> cluster.condition("team", "HistoryLost").equals("True StoreWentBack"));
        assertThat(stream.endsWithin(WITHIN)).as("its key is unknown now").isTrue();
      }

      assertThat(cluster.condition("team", "Ready")).isEqualTo("True Synced");
      assertThat(cluster.get("team", "{.status.effective.userDailyBudgetUsd.value}"))
          .as("the manifest is in force at once, without a restart")
          .isEqualTo("8");
      assertThat(controller.isAlive()).isTrue();
      assertThat(cluster.condition("team", "KillSwitchActive")).isEqualTo("True Platform");
      assertThat(cluster.get("team", "{.status.killSwitch.latches[*].source}"))
          .isEqualTo("Platform Runtime");
      assertThat(cluster.get("team", "{.status.conditions[?(@.type==\"HistoryLost\")].message}"))
          .contains("dailyBudgetUsd 5 (Runtime)", "It was stopped (Runtime) and stays so");
      assertThat(controller.log()).contains("History is lost");
      assertThat(site.paste("get events").orThrow()).contains("HistoryLost", "team");

      assertThat(api.status(made)).as("a key made since").isEqualTo(401);
      assertThat(api.status(revokedLater)).as("a key revoked since").isEqualTo(200);
      assertThat(team.post(RUNS, ADA).json().path("latch").asText()).isEqualTo("Platform");
      site.paste("kill-switch off").orThrow();
      await()
          .atMost(WITHIN)
          .untilAsserted(() -> {
            assertThat(team.post(RUNS, ADA).json().path("latch").asText()).isEqualTo("Runtime");
          });
      team.post("/v1/workspace/kill-switch", "{\"active\":false}");
      assertThat(team.withHeader("Idempotency-Key", "kept").post(RUNS, ADA).header("Location"))
          .isEqualTo(kept);
      assertThat(team.post(run + "/heartbeat", "").code()).isEqualTo("NOT_FOUND");
      assertThat(team.withHeader("Idempotency-Key", "lost").post(RUNS, ADA).header("Location"))
          .as("what was admitted and lost is admitted anew, under another id")
          .isNotEqualTo(run)
          .startsWith(RUNS);

      CommandResult verified =
          site.run("workspace-operator audit verify --workspace team --head " + head);
      assertThat(verified.exitCode()).isEqualTo(1);
      assertThat(verified.stdout()).contains("is expected.", "tells of a loss");
      CommandResult checked = site.run("workspace-operator check");
      assertThat(checked.exitCode()).as(checked.stdout()).isZero();
      assertThat(checked.stdout()).contains("tells of a loss", "nothing disagrees");
    }
  }

  private static void revoke(ApiClient client, String name) {
    client
        .get("/v1/api-keys")
        .json()
        .path("items")
        .forEach(key -> {
          if (key.path("name").asText().equals(name)) {
            assertThat(client.delete("/v1/api-keys/" + key.path("id").asText()).status())
                .isEqualTo(204);
          }
        });
  }

  private static String events(Cluster cluster) throws InterruptedException {
    return cluster.kubectl("get", "events", "-o", "jsonpath={.items[*].reason}").orThrow();
  }
}
