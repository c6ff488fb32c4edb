package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedKubeApiServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Restores of whole servers, of a database that is lost, and of one dump in two clusters. */
@Tag("long")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RestoreFaultsIT {
  private static final Duration WITHIN = Duration.ofSeconds(60);
  private static final String RUNS = "/v1/runs";
  private static final String ADA = "{\"user_id\":\"ada\"}";

  @RegisterExtension final RoleProcesses processes = RoleProcesses.ofEachTest();

  /** The leader took over after the backup: it finds an epoch that is not its own. */
  @Test
  void aBaseBackupFromBeforeTheLeaderTookOver(@TempDir Path directory) throws Exception {
    try (RestoreSite site = RestoreSite.open(directory, processes)) {
      RoleProcess first = site.controller();
      ApiClient team = site.team("plan: Scale");
      site.paste("pg_basebackup").orThrow();
      first.stop();
      RoleProcess second = site.controller();
      team.patch("/v1/workspace/", "{\"daily_budget_usd\":5}");
      team.post("/v1/workspace/kill-switch", "{\"active\":true}");
      site.cluster.await("team", "KillSwitchActive");

      site.postgres.stop();
      site.run(
              """
              chown -R --reference=server/data base-backup
              mv server/data before && mv base-backup server/data
              """)
          .orThrow();
      site.postgres.start();

      await().atMost(WITHIN).until(() -> !second.isAlive());
      assertThat(second.exitCode()).isEqualTo(ControllerRole.EXIT_REPLACED);
      site.controller();
      site.cluster.await("team", "HistoryLost");
      assertThat(site.cluster.condition("team", "KillSwitchActive")).isEqualTo("True Runtime");
      await()
          .atMost(WITHIN)
          .untilAsserted(
              () -> assertThat(team.post(RUNS, ADA).code()).isEqualTo("KILL_SWITCH_ACTIVE"));
      assertThat(site.run("workspace-operator check").stdout())
          .contains("tells of a loss", "nothing disagrees");
    }
  }

  /** Eight days old: it has no partition of today, and the replica does not start anew. */
  @Test
  void aDumpWithoutTodaysPartitionsIsServedAtOnce(@TempDir Path directory) throws Exception {
    try (RestoreSite site = RestoreSite.open(directory, processes)) {
      RoleProcess _ = site.controller();
      ApiClient team = site.team("plan: Scale");
      site.paste("pg_dump").orThrow();
      site.paste("createdb").orThrow();
      site.run(
              """
              psql --quiet --dbname="${DATABASE}_restored" <<'SQL'
              SELECT format('DROP TABLE %s', inhrelid::regclass) FROM pg_inherits
              WHERE inhparent IN (SELECT partrelid FROM pg_partitioned_table)
                AND inhrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r') \\gexec
              SQL
              """)
          .orThrow();
      site.paste("RENAME TO").orThrow();

      await()
          .atMost(WITHIN)
          .untilAsserted(() -> assertThat(team.post(RUNS, ADA).status()).isEqualTo(201));
    }
  }

  @Test
  void anEmptyDatabaseInThePlaceOfALostOne(@TempDir Path directory) throws Exception {
    try (RestoreSite site = RestoreSite.open(directory, processes)) {
      RoleProcess controller = site.controller();
      ApiClient team = site.team("plan: Scale");
      team.post("/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"an incident\"}");
      site.cluster.await("team", "KillSwitchActive");
      String lost = site.cluster.get("team", "{.status.id}");
      site.paste("audit heads").orThrow();

      site.run(
              """
              createdb --owner="$DATABASE_OWNER" "${DATABASE}_restored"
              workspace-operator migrate --database-url "$RESTORED_URL"
              """)
          .orThrow();
      site.paste("RENAME TO").orThrow();
      await().atMost(WITHIN).until(() -> !controller.isAlive());
      site.controller();

      site.cluster.await("team", "HistoryLost");
      assertThat(site.cluster.get("team", "{.status.id}")).isNotEqualTo(lost);
      assertThat(
              site.cluster.get("team", "{.status.conditions[?(@.type==\"HistoryLost\")].message}"))
          .contains(lost, "here it is");
      assertThat(site.cluster.condition("team", "KillSwitchActive")).isEqualTo("True Runtime");
      assertThat(team.get("/v1/workspace/").status()).isEqualTo(401);
      CommandResult checked = site.run("workspace-operator check --heads heads.txt");
      assertThat(checked.exitCode()).isEqualTo(1);
      assertThat(checked.stdout())
          .contains("The workspace " + lost + " is gone with all of its books", "tells of a loss");
    }
  }

  /** A resource that Velero makes anew has another UID, and no status or an old one. */
  @Test
  void resourcesThatAreRestoredUnderAnotherUid(@TempDir Path directory) throws Exception {
    try (RestoreSite site = RestoreSite.open(directory, processes)) {
      RoleProcess _ = site.controller();
      ApiClient team = site.team("plan: Scale");
      String id = site.cluster.get("team", "{.status.id}");
      String oldStatus = site.cluster.get("team", "{.status}");
      team.patch("/v1/workspace/", "{\"daily_budget_usd\":5}");
      site.paste("workspaces.yaml\n").orThrow();
      String uid = site.cluster.get("team", "{.metadata.uid}");

      site.cluster.kubectl("delete", "ws", "team", "--timeout=20s").orThrow();
      await().atMost(WITHIN).until(() -> site.cluster.row("team", "state").equals("FROZEN"));
      site.paste("kubectl apply").orThrow();

      site.cluster.await("team", "Ready");
      assertThat(site.cluster.get("team", "{.metadata.uid}")).isNotEqualTo(uid);
      assertThat(site.cluster.get("team", "{.status.id}")).isEqualTo(id);
      assertThat(site.cluster.get("team", "{.status.effective.dailyBudgetUsd.value}"))
          .isEqualTo("5");
      assertThat(team.post(RUNS, ADA).status()).isEqualTo(201);

      site.cluster
          .kubectl(
              "patch",
              "ws",
              "team",
              "--subresource=status",
              "--type=merge",
              "-p",
              "{\"status\": %s}".formatted(oldStatus))
          .orThrow();
      site.cluster.applyAndAwait("team", "plan: Scale, name: Next", "Ready");

      assertThat(site.cluster.get("team", "{.status.effective.dailyBudgetUsd.value}"))
          .isEqualTo("5");
      assertThat(site.cluster.condition("team", "HistoryLost"))
          .as("what an old status knows is still in the database")
          .isEmpty();
      assertThat(site.run("workspace-operator check").exitCode()).isZero();
    }
  }

  @Test
  void aSecondClusterThatRestoresTheSameDumpIsRefusedItsName(@TempDir Path directory)
      throws Exception {
    try (RestoreSite site = RestoreSite.open(directory, processes);
        KubeApiServer other = SharedKubeApiServer.startOwn(UnaryOperator.identity())) {
      WorkspaceCrd.install(other);
      RoleProcess controller = site.controller();
      site.cluster.applyAndAwait("team", "plan: Scale, dailyBudgetUsd: 5", "Ready");
      site.paste("pg_dump").orThrow();
      site.paste("createdb").orThrow();
      String copy = site.url(RestoreSite.DATABASE + "_restored");
      Cluster twin = new Cluster(other, copy, RestoreSite.CLUSTER, "research");
      twin.apply("team", "plan: Scale, dailyBudgetUsd: 7").orThrow();

      RoleProcess refused = site.startController(other, copy, RestoreSite.CLUSTER);
      await().atMost(WITHIN).until(() -> !refused.isAlive());
      assertThat(refused.log()).contains("Another cluster writes to this store as \"production\"");
      assertThat(twin.row("team", "declared_daily_budget_micro_usd")).isEqualTo("5000000");

      RoleProcess stranger = site.startController(other, copy, "staging");
      await().atMost(WITHIN).until(stranger::isLeading);
      twin.await("team", "Stalled");
      assertThat(twin.condition("team", "Ready")).isEqualTo("False SlugTaken");
      stranger.stop();

      RoleProcess adopted =
          site.startController(other, copy, RestoreSite.CLUSTER, "--adopt-cluster");
      await().atMost(WITHIN).until(adopted::isLeading);
      twin.await("team", "Ready");
      assertThat(twin.row("team", "declared_daily_budget_micro_usd")).isEqualTo("7000000");
      assertThat(site.cluster.row("team", "declared_daily_budget_micro_usd")).isEqualTo("5000000");
      assertThat(controller.isLeading()).isTrue();

      // Both on one database: who was adopted last has it, and the other one ends and says so.
      RoleProcess thief =
          site.startController(other, site.url(), RestoreSite.CLUSTER, "--adopt-cluster");
      adopted.stop();
      await().atMost(WITHIN).until(thief::isLeading);
      site.cluster.apply("team", "plan: Scale, dailyBudgetUsd: 6").orThrow();
      await().atMost(WITHIN).until(() -> !controller.isAlive());
      assertThat(controller.exitCode()).isEqualTo(ControllerRole.EXIT_REPLACED);
      RoleProcess anew = site.startController(site.kubernetes, site.url(), RestoreSite.CLUSTER);
      await().atMost(WITHIN).until(() -> !anew.isAlive());
      assertThat(anew.log()).contains("Another cluster writes to this store as \"production\"");
    }
  }
}
