package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.admitted;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.port.OverloadedException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A workspace's row that somebody holds, as by hand: its neighbours do not wait for it. */
@Timeout(60)
class LockedRowIT {
  private static GateFixture db;
  private static List<Gate> replicas;
  private static ExecutorService clients;

  @BeforeAll
  static void open() throws InterruptedException {
    db = GateFixture.open();
    replicas = List.of(gate(Duration.ofSeconds(20)), gate(Duration.ofSeconds(20)));
    clients = Executors.newVirtualThreadPerTaskExecutor();
  }

  /** Of one lane. */
  private static Gate gate(Duration queueDeadline) {
    return db.gate(
        new GateSettings(
            1,
            512,
            4096,
            queueDeadline,
            Duration.ofSeconds(10),
            new MicroUsd(10_000),
            PlanDefaults.STANDARD),
        new SimpleMeterRegistry());
  }

  @AfterAll
  static void close() {
    clients.shutdownNow();
    replicas.forEach(Gate::close);
    db.close();
  }

  @Test
  void itsNeighboursGoOnAndItGoesOnOnceItIsFree() throws Exception {
    UUID locked = db.workspace();
    UUID victim = db.workspace();
    Gate gate = replicas.getFirst();
    Run ofLocked = started(gate.start(run(locked, "ada")));
    Run ofVictim = started(gate.start(run(victim, "ada")));
    Future<?> waiting;
    try (Connection holder = lock(locked)) {
      waiting = clients.submit(() -> admitted(gate.step(step(locked, ofLocked, "0.01"))));
      // A batch that waited for the row would outlast the lock_timeout of 5 s, and fail.
      for (int i = 0; i < 200; i++) {
        admitted(gate.step(step(victim, ofVictim, "0.01")));
      }
      assertThat(waiting.isDone()).isFalse();
      holder.rollback();
    }
    waiting.get();
    for (int i = 0; i < 10; i++) {
      admitted(gate.step(step(locked, ofLocked, "0.01")));
    }
    assertThat(db.query("SELECT count(*) FROM step WHERE workspace_id = '%s'".formatted(locked)))
        .containsExactly("11");
    assertThat(
            db.query(
                "SELECT reserved_micro_usd FROM workspace_day WHERE workspace_id = '%s'"
                    .formatted(locked)))
        .containsExactly("110000");
  }

  @Test
  void whoseDeadlineIsOverIsRefused() throws Exception {
    UUID locked = db.workspace();
    try (Gate gate = gate(Duration.ofMillis(500))) {
      Run run = started(gate.start(run(locked, "ada")));
      try (Connection _ = lock(locked)) {
        assertThatExceptionOfType(OverloadedException.class)
            .isThrownBy(() -> gate.step(step(locked, run, "0.01")));
      }
    }
    assertThat(db.query("SELECT count(*) FROM step WHERE workspace_id = '%s'".formatted(locked)))
        .containsExactly("0");
  }

  /** Its row is never free, since replicas take it in turn; yet each of them has it again soon. */
  @Test
  void aRowThatIsMerelyBusyIsWaitedFor() throws Exception {
    UUID locked = db.workspace();
    UUID busy = db.workspace();
    Run ofLocked = started(replicas.getFirst().start(run(locked, "ada")));
    Run ofBusy = started(replicas.getFirst().start(run(busy, "ada")));
    Future<?> waiting;
    try (Connection holder = lock(locked)) {
      waiting =
          clients.submit(() -> admitted(replicas.getFirst().step(step(locked, ofLocked, "0.01"))));
      Clients.together(
          16,
          client -> {
            for (int i = 0; i < 50; i++) {
              admitted(replicas.get(client % 2).step(step(busy, ofBusy, "0.01")));
            }
          });
      holder.rollback();
    }
    waiting.get();
    assertThat(db.query("SELECT count(*) FROM step WHERE workspace_id = '%s'".formatted(busy)))
        .containsExactly("800");
  }

  /** Closing the connection gives the row back. */
  private static Connection lock(UUID workspace) throws Exception {
    Connection holder = db.database.pool().getConnection();
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement()) {
      statement.execute(
          "SELECT FROM workspace WHERE workspace_id = '%s' FOR UPDATE".formatted(workspace));
    }
    return holder;
  }
}
