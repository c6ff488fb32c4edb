package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.refusal;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.Database;
import dev.workspaceoperator.store.DatabaseSettings;
import dev.workspaceoperator.store.KillSwitchPools;
import dev.workspaceoperator.store.PostgresFleet;
import dev.workspaceoperator.store.PostgresRuntimeSettings;
import dev.workspaceoperator.workspace.Actor;
import dev.workspaceoperator.workspace.Fleet;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunBlock;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.RunRef;
import dev.workspaceoperator.workspace.RuntimeSettings;
import dev.workspaceoperator.workspace.ShareExceededException;
import dev.workspaceoperator.workspace.Snapshot;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nothing is admitted once a kill switch's activation was answered (I5). */
class KillIT {
  private static final int TOGGLES = Integer.getInteger("kill.toggles", 20);
  private static final int LOOP = 100;
  private static final Actor ACTOR = new Actor("test", Optional.empty());

  private static GateFixture db;
  private static List<Gate> replicas;
  private static PostgresRuntimeSettings settings;
  private static PostgresFleet fleet;

  @BeforeAll
  static void open() throws InterruptedException {
    db = GateFixture.open();
    replicas = List.of(db.gate(), db.gate());
    AuditChain chain = AuditChain.unkeyed();
    settings =
        new PostgresRuntimeSettings(
            db.database,
            new KillSwitchPools(db.database, db.database),
            chain,
            PlanDefaults.STANDARD);
    fleet = new PostgresFleet(db.database, db.database, chain);
  }

  @AfterAll
  static void close() {
    replicas.forEach(Gate::close);
    settings.close();
    db.close();
  }

  @Test
  void theWorkspacesSwitchStopsEveryReplicaAtOnce() throws Exception {
    UUID workspace = db.workspace();
    underLoad(
        workspace,
        KillLatch.Holder.RUNTIME,
        active ->
            done(
                KillFirst.of(replicas.getFirst(), settings)
                    .switchKill(workspace, active, Optional.of("stop"), ACTOR)));
  }

  @Test
  void thePlatformsSwitchStopsEveryReplicaAtOnce() throws Exception {
    underLoad(
        db.workspace(),
        KillLatch.Holder.PLATFORM,
        active -> {
          Optional<KillLatch> latch =
              KillFirst.of(replicas.getFirst(), fleet)
                  .switchKill(active, Optional.of("stop"), ACTOR);
          assertThat(latch.isPresent()).isEqualTo(active);
        });
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

  /** However fast the database is. */
  @Test
  void whoeverTriesHisSwitchInALoopRestsInBetween() {
    UUID workspace = db.workspace();
    RuntimeSettings first = KillFirst.of(replicas.getFirst(), settings);
    long start = System.nanoTime();
    for (int number = 0; number < LOOP; number++) {
      done(first.switchKill(workspace, false, Optional.empty(), ACTOR));
    }

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(PostgresRuntimeSettings.BETWEEN_LOOKS.multipliedBy(LOOP - 1));
  }

  @Test
  void aSwitchThatWasChangedIsTakenALittleLonger() {
    UUID workspace = db.workspace();
    Gate gate = replicas.getFirst();
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
    DatabaseSettings patient = db.settings.forRequests(Duration.ofSeconds(5));
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

  /** One switches on and off in a loop on many connections; another one works on in the lane. */
  @Test
  void neighboursWorkOnWhileAWorkspaceSwitchesInALoop() throws Exception {
    UUID attacker = db.workspace();
    UUID victim = db.workspace();
    AtomicBoolean over = new AtomicBoolean();
    try (Gate gate = db.gate(GateSettings.STANDARD.withLanes(1), new SimpleMeterRegistry())) {
      RuntimeSettings first = KillFirst.of(gate, settings);
      Run run = started(gate.start(run(victim, "ada")));
      Clients.together(
          17,
          client -> {
            if (client == 0) {
              try {
                for (int i = 0; i < 100; i++) {
                  GateFixture.admitted(gate.step(step(victim, run, "0.01")));
                }
                done(first.switchKill(victim, true, Optional.of("stop"), ACTOR));
              } finally {
                over.set(true);
              }
            } else {
              for (int i = client; !over.get(); i++) {
                try {
                  done(first.switchKill(attacker, i % 2 == 0, Optional.empty(), ACTOR));
                } catch (ShareExceededException e) {
                  assertThat(e.retryAfter()).isPositive();
                }
              }
            }
          });
    }
    done(settings.switchKill(victim, false, Optional.empty(), ACTOR));
  }

  @Test
  void theBooksStayTrueWhileTheSwitchIsOn() throws Exception {
    UUID workspace = db.workspace();
    Gate gate = replicas.getFirst();
    Run run = started(gate.start(run(workspace, "ada")));
    RunRef ref = RunRef.of(workspace, run.id());
    var step = GateFixture.admitted(gate.step(step(workspace, run, "0.5")));
    done(settings.switchKill(workspace, true, Optional.of("stop"), ACTOR));
    assertThat(done(gate.heartbeat(ref)).blocked()).contains(RunBlock.KILL_SWITCH_ACTIVE);
    done(gate.settle(ref, step.id(), GateFixture.usd("0.25")));
    assertThat(done(gate.finish(ref, RunOutcome.FAILED)).spent())
        .isEqualTo(GateFixture.usd("0.25"));
    assertThat(GateFixture.refusal(gate.start(run(workspace, "ada"))))
        .isInstanceOf(Refusal.KillSwitchActive.class);
  }

  /** The judge is the database: what is there when the answer comes, and what is there later. */
  private static void underLoad(UUID workspace, KillLatch.Holder holder, Consumer<Boolean> toggle)
      throws Exception {
    Run run = started(replicas.getFirst().start(run(workspace, "ada")));
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong admitted = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    Clients.together(
        33,
        client -> {
          if (client > 0) {
            load(replicas.get(client % 2), workspace, run, holder, over, admitted, refused);
            return;
          }
          try {
            for (int i = 0; i < TOGGLES; i++) {
              long before = admitted.get();
              await().until(() -> admitted.get() > before + 20);
              toggle.accept(true);
              String atTheAnswer = steps(workspace);
              long heard = refused.get();
              await().until(() -> refused.get() > heard + 64);
              assertThat(steps(workspace)).isEqualTo(atTheAnswer);
              toggle.accept(false);
            }
          } finally {
            over.set(true);
          }
        });
  }

  private static void load(
      Gate gate,
      UUID workspace,
      Run run,
      KillLatch.Holder holder,
      AtomicBoolean over,
      AtomicLong admitted,
      AtomicLong refused) {
    while (!over.get()) {
      switch (gate.step(step(workspace, run, "0.000001"))) {
        case Outcome.Done<?>(Object _) -> admitted.incrementAndGet();
        case Outcome.Refused<?>(Refusal refusal) -> {
          assertThat(refusal)
              .isInstanceOfSatisfying(
                  Refusal.KillSwitchActive.class,
                  it -> assertThat(it.latch().holder()).isEqualTo(holder));
          refused.incrementAndGet();
        }
      }
    }
  }

  private static String steps(UUID workspace) throws Exception {
    return db.query("SELECT count(*) FROM step WHERE workspace_id = '%s'".formatted(workspace))
        .getFirst();
  }
}
