package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.refusal;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.KillSwitchPools;
import dev.workspaceoperator.store.PostgresFleet;
import dev.workspaceoperator.store.PostgresRuntimeSettings;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunBlock;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nothing is admitted once a kill switch's activation was answered (I5). */
class KillIT {
  private static final int TOGGLES = Integer.getInteger("kill.toggles", 20);
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
