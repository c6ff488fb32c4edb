package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.admitted;
import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static dev.workspaceoperator.gate.GateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.StepDraft;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that is lost just when a batch commits. */
class LostCommitIT {
  private static final String WAITING =
      "SELECT wait_event FROM pg_stat_activity WHERE datname = current_database()"
          + " AND wait_event_type = 'Lock' ORDER BY wait_event";

  private static GateFixture db;
  private LossyProxy proxy;
  private Gate gate;
  private UUID workspace;
  private Run run;

  @BeforeAll
  static void open() throws InterruptedException {
    db = GateFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @BeforeEach
  void openGate() {
    int port = URI.create(db.settings.url()).getPort();
    proxy = LossyProxy.start(port);
    gate = lossyGate();
    workspace = db.workspace();
    run = started(gate.start(run(workspace, "ada")));
  }

  private Gate lossyGate() {
    int port = URI.create(db.settings.url()).getPort();
    GateSettings settings =
        new GateSettings(
            1,
            512,
            4096,
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            new MicroUsd(10_000),
            PlanDefaults.STANDARD);
    return Gate.open(
        DatabaseSettings.of(db.settings.url().replace(":" + port, ":" + proxy.port())),
        settings,
        new SimpleMeterRegistry());
  }

  @AfterEach
  void closeGate() {
    proxy.admitAll();
    gate.close();
    proxy.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = LossyProxy.Loss.class,
      names = {"ANSWER", "SERVER", "COMMAND"})
  void aLostCommitIsLookedUpAndHasOneEffect(LossyProxy.Loss loss) throws Exception {
    proxy.loseNext(loss);
    admitted(gate.step(step(workspace, run, "0.01")));
    assertThat(proxy.hasLost()).isTrue();
    assertThat(steps()).isEqualTo("1 10000");
    admitted(gate.step(step(workspace, run, "0.01")));
    assertThat(steps()).isEqualTo("2 20000");
  }

  /** Whether there is a row of the lane that can be locked does not matter. */
  @ParameterizedTest
  @EnumSource
  void aCommitThatIsStillUnderWayIsWaitedFor(Mark mark) throws Exception {
    mark.prepare(this);
    try (Connection other = db.database.pool().getConnection();
        ExecutorService client = Executors.newVirtualThreadPerTaskExecutor()) {
      other.setAutoCommit(false);
      try (Statement statement = other.createStatement()) {
        // What a batch writes waits for this, what it reads does not.
        statement.execute("LOCK TABLE workspace_day IN SHARE MODE");
      }
      proxy.loseNext(LossyProxy.Loss.CLIENT);
      Future<Step> step = client.submit(() -> admitted(gate.step(step(workspace, run, "0.01"))));
      // The batch waits for the table; then whoever looks it up, or decides it anew, for the batch.
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> db.query(WAITING).equals(List.of("relation", "transactionid")));
      other.rollback();
      step.get();
    }
    assertThat(proxy.hasLost()).isTrue();
    assertThat(steps()).isEqualTo("1 10000");
  }

  @ParameterizedTest
  @EnumSource(
      value = LossyProxy.Loss.class,
      names = {"ANSWER", "COMMAND"})
  void anOutcomeThatCannotBeLookedUpIsResolvedByTheSameKey(LossyProxy.Loss loss) throws Exception {
    StepDraft draft = withKey(step(workspace, run, "0.01"), "k", "f");
    proxy.loseNextAndRefuse(loss);
    assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> gate.step(draft));
    assertThat(proxy.hasLost()).isTrue();
    proxy.admitAll();
    Created<Step> again = done(gate.step(draft));
    assertThat(again.replayed()).isEqualTo(loss == LossyProxy.Loss.ANSWER);
    assertThat(steps()).isEqualTo("1 10000");
  }

  @Test
  void aStoreThatIsGoneIsToldPromptly() {
    proxy.refuseAll();
    long begin = System.nanoTime();
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> gate.step(step(workspace, run, "0.01")));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    proxy.admitAll();
    admitted(gate.step(step(workspace, run, "0.01")));
  }

  @Test
  void aSessionThatTheServerEndsIsReplaced() throws Exception {
    db.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
    admitted(gate.step(step(workspace, run, "0.01")));
    assertThat(steps()).isEqualTo("1 10000");
  }

  /** The lane's row in {@code gate_lane}. */
  enum Mark {
    OF_AN_EARLIER_BATCH {
      @Override
      void prepare(LostCommitIT test) {}
    },
    NONE_YET {
      @Override
      void prepare(LostCommitIT test) {
        test.gate.close();
        test.gate = test.lossyGate();
      }
    },
    FORGOTTEN {
      @Override
      void prepare(LostCommitIT test) throws SQLException {
        db.execute("UPDATE gate_lane SET marked_at = marked_at - interval '8 days'");
        db.execute(Sql.load("gate/forgetLanes").text());
        assertThat(db.query("SELECT lane_id FROM gate_lane")).isEmpty();
      }
    };

    abstract void prepare(LostCommitIT test) throws SQLException;
  }

  private String steps() throws Exception {
    return db.query(
            """
            SELECT concat_ws(' ', (SELECT count(*) FROM step WHERE workspace_id = d.workspace_id),
                d.reserved_micro_usd)
            FROM workspace_day d WHERE d.workspace_id = '%s'\
            """
                .formatted(workspace))
        .getFirst();
  }
}
