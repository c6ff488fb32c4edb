package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.KillSwitchPools;
import dev.workspaceoperator.store.PostgresFleet;
import dev.workspaceoperator.store.PostgresRuntimeSettings;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Fleet;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a kill switch of a workspace waits for: not for others, nor for rows that they hold. */
class KillSwitchPoolsIT {
  private static final Actor ACTOR = new Actor("test", Optional.empty());

  private static GateFixture db;
  private static Gate gate;
  private static PostgresRuntimeSettings settings;

  @BeforeAll
  static void open() throws InterruptedException {
    db = GateFixture.open();
    gate = db.gate();
    settings =
        new PostgresRuntimeSettings(
            db.database,
            new KillSwitchPools(db.database, db.database),
            AuditChain.unkeyed(),
            PlanDefaults.STANDARD);
  }

  @AfterAll
  static void close() {
    gate.close();
    settings.close();
    db.close();
  }

  /** Its row is locked, and so is every connection that others use. */
  @Test
  void aSwitchThatChangesNothingWaitsForNobodyAndPausesNobody() throws Exception {
    UUID workspace = db.workspace();
    UUID pro = db.workspace(Plan.PRO);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (Gate gate = db.gate(GateSettings.STANDARD.withLanes(1), registry);
        Database full = Database.open(db.settings.withPoolSize(1));
        Database own = Database.open(db.settings.withPoolSize(2));
        PostgresRuntimeSettings switches =
            new PostgresRuntimeSettings(
                full, new KillSwitchPools(own, own), AuditChain.unkeyed(), PlanDefaults.STANDARD);
        Connection _ = full.pool().getConnection();
        Connection holder = db.database.pool().getConnection()) {
      RuntimeSettings first = KillFirst.of(gate, switches);
      Fleet ofFleet = KillFirst.of(gate, new PostgresFleet(full, own, AuditChain.unkeyed()));
      holder.setAutoCommit(false);
      try (Statement statement = holder.createStatement()) {
        statement.execute("SELECT FROM workspace FOR UPDATE");
        statement.execute("SELECT FROM platform FOR UPDATE");
      }
      for (UUID id : List.of(workspace, pro)) {
        assertThat(done(first.switchKill(id, false, Optional.empty(), ACTOR)).workspace().id())
            .isEqualTo(id);
      }
      assertThat(refusal(first.switchKill(pro, true, Optional.empty(), ACTOR)))
          .isInstanceOf(Refusal.PlanTooLow.class);
      assertThat(refusal(first.switchKill(UUID.randomUUID(), true, Optional.empty(), ACTOR)))
          .isInstanceOf(Refusal.NotFound.class);
      assertThat(ofFleet.switchKill(false, Optional.empty(), ACTOR)).isEmpty();
      assertThat(pauses(registry)).isZero();

      holder.rollback();
      done(first.switchKill(workspace, true, Optional.of("stop"), ACTOR));
      assertThat(pauses(registry)).isEqualTo(1);
      done(first.switchKill(workspace, true, Optional.of("again"), ACTOR));
      assertThat(pauses(registry)).isEqualTo(1);
    }
  }

  @Test
  void betweenTwoLooksAPauseIsKept() {
    UUID workspace = db.workspace();
    DatabaseSettings brief = db.settings.forRequests(Duration.ofSeconds(1)).withPoolSize(1);
    try (Database own = Database.open(brief);
        PostgresRuntimeSettings switches =
            new PostgresRuntimeSettings(
                own,
                new KillSwitchPools(own, own, Duration.ofMinutes(1)),
                AuditChain.unkeyed(),
                PlanDefaults.STANDARD)) {
      done(switches.switchKill(workspace, false, Optional.empty(), ACTOR));

      assertThatExceptionOfType(StoreUnavailableException.class)
          .as("the next look is a minute away")
          .isThrownBy(() -> switches.switchKill(workspace, false, Optional.empty(), ACTOR));
    }
  }

  @Test
  void aSwitchThatWasChangedIsTakenALittleLonger() {
    UUID workspace = db.workspace();
    RuntimeSettings first = KillFirst.of(gate, settings);
    Duration waited = Duration.ZERO;
    for (int number = 0; number < 20; number++) {
      done(first.switchKill(workspace, number % 2 == 0, Optional.empty(), ACTOR));
      long start = System.nanoTime();
      gate.kills().await(workspace).close();
      waited = waited.plusNanos(System.nanoTime() - start);
    }

    // This thread may come late to some of them.
    assertThat(waited).isGreaterThan(Duration.ofMillis(50));
  }

  /** Of more workspaces than there are connections for switches. */
  @Test
  void rowsThatSomebodyHoldsKeepNoOtherSwitchWaiting() throws Exception {
    List<UUID> held = Stream.generate(db::workspace).limit(8).toList();
    UUID other = db.workspace();
    DatabaseSettings patient = db.settings.forRequests(Duration.ofSeconds(10));
    try (Gate gate = db.gate(GateSettings.STANDARD, new SimpleMeterRegistry());
        KillSwitchPools own = KillSwitchPools.open(patient);
        PostgresRuntimeSettings switches =
            new PostgresRuntimeSettings(
                db.database, own, AuditChain.unkeyed(), PlanDefaults.STANDARD);
        Connection holder = db.database.pool().getConnection();
        ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor()) {
      RuntimeSettings first = KillFirst.of(gate, switches);
      holder.setAutoCommit(false);
      try (PreparedStatement lock =
          holder.prepareStatement(
              "SELECT FROM workspace WHERE workspace_id = ANY (?) FOR UPDATE")) {
        lock.setArray(1, holder.createArrayOf("uuid", held.toArray()));
        lock.execute();
      }
      List<Future<Outcome<Snapshot>>> waiting =
          held.stream()
              .map(id -> waiters.submit(() -> first.switchKill(id, true, Optional.empty(), ACTOR)))
              .toList();
      await()
          .until(() ->
              own.changes()
                      .pool()
                      .unwrap(HikariDataSource.class)
                      .getHikariPoolMXBean()
                      .getThreadsAwaitingConnection()
                  > 0);

      done(first.switchKill(other, true, Optional.empty(), ACTOR));
      assertThat(waiting).noneMatch(Future::isDone);

      holder.rollback();
      for (Future<Outcome<Snapshot>> one : waiting) {
        done(one.get());
      }
    }
  }

  private static double pauses(SimpleMeterRegistry registry) {
    return registry.get("workspace_operator_gate_pauses").counter().count();
  }
}
