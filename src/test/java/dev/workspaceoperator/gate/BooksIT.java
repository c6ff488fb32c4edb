package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.admitted;
import static dev.workspaceoperator.gate.GateFixture.cap;
import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static dev.workspaceoperator.gate.GateFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.gate.BooksAudit.Disagreement;
import dev.workspaceoperator.sql.Partitions;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.RunRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The audit of the books, and how long what they stand for is kept. */
class BooksIT {
  private static final Instant START = Instant.parse("2040-02-27T23:59:00Z");

  private GateFixture db;
  private Gate gate;
  private BooksAudit audit;
  private Partitions partitions;

  @BeforeEach
  void open() throws Exception {
    db = GateFixture.open();
    gate = db.gate();
    audit = new BooksAudit(db.settings);
    partitions = Partitions.ofRuns(db.database);
    moveTo(START);
  }

  @AfterEach
  void close() {
    gate.close();
    db.close();
  }

  @Test
  void everyKindOfEndLeavesTrueBooks() throws Exception {
    UUID workspace = db.workspace(cap(10));
    history(workspace);
    assertThat(audit.run()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          UPDATE workspace_day SET spent_micro_usd = spent_micro_usd + 1              | I1 | workspace on
          UPDATE user_day SET spent_micro_usd = spent_micro_usd - 1                   | I1 | user ada on
          UPDATE run_day SET spent_micro_usd = spent_micro_usd + 1                    | I1 | run
          UPDATE workspace_day SET reserved_micro_usd = reserved_micro_usd + 1        | I2 | workspace on
          UPDATE user_day SET reserved_micro_usd = reserved_micro_usd + 1             | I2 | user ada on
          UPDATE workspace SET active_runs = active_runs + 1                          | I4 | running runs
          DELETE FROM step WHERE cost_micro_usd IS NULL                               | I2 | workspace on
          DELETE FROM user_day                                                        | I1 | user ada on
          UPDATE run SET status = 'failed', finished_at = now() WHERE status = 'running' | I4 | running runs
          """)
  void aSumThatWasChangedIsFound(String change, String invariant, String place) throws Exception {
    history(db.workspace(cap(10)));
    db.execute(change);
    List<Disagreement> disagreements = audit.run();
    assertThat(disagreements)
        .anySatisfy(found -> {
          assertThat(found.invariant()).isEqualTo(invariant);
          assertThat(found.place()).startsWith(place);
          assertThat(found.booked()).isNotEqualTo(found.counted());
        });
  }

  @Test
  void aDayIsKeptWhileItsRunsStepsAreAndDroppedAfter() throws Exception {
    UUID workspace = db.workspace(cap(10));
    Run finished = started(gate.start(run(workspace, "ada")));
    Run running = started(gate.start(run(workspace, "bob")));
    admitted(gate.step(step(workspace, finished, "0.1")));
    Instant next = START.plus(Duration.ofSeconds(20));
    for (; next.isBefore(START.plus(Duration.ofMinutes(2))); next = next.plusSeconds(20)) {
      moveTo(next);
      done(gate.heartbeat(RunRef.of(workspace, finished.id())));
      done(gate.heartbeat(RunRef.of(workspace, running.id())));
    }
    admitted(gate.step(step(workspace, finished, "0.2")));
    done(gate.finish(RunRef.of(workspace, finished.id()), RunOutcome.SUCCEEDED));

    moveTo(START.plus(Duration.ofDays(37)));
    partitions.dropExpired();
    assertThat(hasDay("20400227")).as("a run of that day is running").isTrue();

    done(gate.heartbeat(RunRef.of(workspace, running.id())));
    moveTo(START.plus(Duration.ofDays(72)));
    partitions.dropExpired();
    assertThat(hasDay("20400227")).as("a run of that day ended 35 days ago").isTrue();
    assertThat(audit.run()).isEmpty();

    moveTo(START.plus(Duration.ofDays(74)));
    partitions.dropExpired();
    assertThat(hasDay("20400227")).isFalse();
    assertThat(db.query("SELECT count(*) FROM run")).containsExactly("0");
    assertThat(db.query("SELECT sum(spent_micro_usd) FROM workspace_day"))
        .containsExactly("300000");
    assertThat(audit.run()).isEmpty();
  }

  /** A run that is still running, and one for each way to end, with steps in every state. */
  private void history(UUID workspace) throws Exception {
    for (RunOutcome outcome : RunOutcome.values()) {
      Run run = started(gate.start(run(workspace, "ada")));
      RunRef ref = RunRef.of(workspace, run.id());
      Step settled = admitted(gate.step(step(workspace, run, "0.5")));
      Step late = admitted(gate.step(step(workspace, run, "0.3")));
      admitted(gate.step(step(workspace, run, "0.1")));
      done(gate.settle(ref, settled.id(), usd("0.7")));
      done(gate.finish(ref, outcome));
      done(gate.settle(ref, late.id(), usd("0.2")));
    }
    Run dead = started(gate.start(run(workspace, "ada")));
    admitted(gate.step(step(workspace, dead, "0.4")));
    moveTo(START.plus(Duration.ofSeconds(90)));
    Run running = started(gate.start(run(workspace, "ada")));
    Step settled = admitted(gate.step(step(workspace, running, "0.5")));
    admitted(gate.step(step(workspace, running, "0.1")));
    done(gate.settle(RunRef.of(workspace, running.id()), settled.id(), usd("0")));
    assertThat(db.query("SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM run"))
        .containsExactly("cancelled expired failed running succeeded");
  }

  private void moveTo(Instant time) throws Exception {
    db.setClock(time);
    partitions.makeAhead();
  }

  private boolean hasDay(String day) throws Exception {
    return db.query(
            "SELECT to_regclass('run_%1$s') IS NOT NULL AND to_regclass('step_%1$s') IS NOT NULL"
                .formatted(day))
        .getFirst()
        .equals("t");
  }
}
