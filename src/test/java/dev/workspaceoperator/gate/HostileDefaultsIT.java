package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.DistributionDatabase;
import dev.workspaceoperator.env.HostileDefaults;
import dev.workspaceoperator.env.Pgbouncer;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.PlatformLatch;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.RunRef;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Admissions on a role all of whose defaults are hostile, snapshots for a whole transaction among
 * them: directly, and by way of a pooler in transaction mode, where no session stays set.
 */
// In a thread of its own: what waits for the database is not interrupted.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileDefaultsIT {
  @TempDir private static Path directory;
  private static String direct = "";
  private static Pgbouncer pooler;

  @BeforeAll
  static void open() throws InterruptedException, SQLException {
    Map<String, String> hostile = new HashMap<>(HostileDefaults.OF_MEANING);
    hostile.putAll(HostileDefaults.OF_PLANS);
    direct = DistributionDatabase.create(hostile, "");
    new Migrations(DatabaseSettings.of(direct))
        .migrate(Duration.ofSeconds(10), System.err::println);
    pooler = Pgbouncer.start(directory.resolve("pooler"), direct, Map.of(), System.err::println);
  }

  @AfterAll
  static void close() {
    pooler.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBatchThatWaitedForAKillSwitchSeesIt(boolean byPooler) throws Exception {
    try (GateFixture db = GateFixture.on(url(byPooler));
        Gate gate = db.gate()) {
      UUID workspace = db.workspace();
      try {
        assertThat(
                whileWaiting(
                    gate,
                    workspace,
                    "SELECT pg_advisory_xact_lock(%d)".formatted(PlatformLatch.LOCK),
                    "UPDATE platform SET kill_switch_since = now()"))
            .isInstanceOf(Refusal.KillSwitchActive.class);
      } finally {
        admin("UPDATE platform SET kill_switch_since = NULL");
      }
      assertThat(
              whileWaiting(
                  gate,
                  workspace,
                  "SELECT 1 FROM workspace WHERE workspace_id = '%s' FOR UPDATE"
                      .formatted(workspace),
                  "UPDATE workspace SET runtime_kill_switch_since = now() WHERE workspace_id = '%s'"
                      .formatted(workspace)))
          .isInstanceOf(Refusal.KillSwitchActive.class);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theBooksStayTrue(boolean byPooler) throws Exception {
    try (GateFixture db = GateFixture.on(url(byPooler));
        Gate gate = db.gate()) {
      UUID workspace = db.workspace();
      BooksAudit audit = new BooksAudit(DatabaseSettings.of(url(byPooler)));
      Run run = GateFixture.started(gate.start(GateFixture.run(workspace, "ada")));
      RunRef ref = RunRef.of(workspace, run.id());
      for (int i = 0; i < 8; i++) {
        Step step = GateFixture.admitted(gate.step(GateFixture.step(workspace, run, "0.5")));
        GateFixture.done(gate.settle(ref, step.id(), GateFixture.usd("0.25")));
        assertThat(audit.run()).isEmpty();
      }
      MicroUsd spent = GateFixture.done(gate.finish(ref, RunOutcome.SUCCEEDED)).spent();
      assertThat(spent).isEqualTo(GateFixture.usd("2"));
    }
  }

  private static String url(boolean byPooler) {
    return byPooler ? pooler.inFrontOf(direct) : direct;
  }

  /** What a run is answered that asked before a change was committed whose lock it had to await. */
  private static Refusal whileWaiting(Gate gate, UUID workspace, String lock, String change)
      throws Exception {
    try (Connection other = admin();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(lock);
      CompletableFuture<Outcome<?>> asked =
          CompletableFuture.supplyAsync(
              () -> gate.start(GateFixture.run(workspace, "ada")), Thread::startVirtualThread);
      await().until(HostileDefaultsIT::somebodyWaits);
      statement.execute(change);
      other.commit();
      return GateFixture.refusal(asked.get(1, TimeUnit.MINUTES));
    }
  }

  private static boolean somebodyWaits() throws SQLException {
    try (Connection admin = admin();
        Statement statement = admin.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname ="
                    + " current_database()")) {
      return row.next() && row.getInt(1) > 0;
    }
  }

  private static void admin(String sql) throws SQLException {
    try (Connection admin = admin();
        Statement statement = admin.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection admin() throws SQLException {
    try {
      String url = DistributionDatabase.get().url(direct.substring(direct.lastIndexOf('/') + 1));
      String[] user = url.substring("postgresql://".length(), url.indexOf('@')).split(":", 2);
      return DriverManager.getConnection(
          "jdbc:postgresql://" + url.substring(url.indexOf('@') + 1), user[0], user[1]);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
