package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.admitted;
import static dev.workspaceoperator.gate.GateFixture.budget;
import static dev.workspaceoperator.gate.GateFixture.cap;
import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.refusal;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static dev.workspaceoperator.gate.GateFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.StepStatus;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.port.CallDraft;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.RunRef;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs and steps through the gate, on a real PostgreSQL. */
class GateIT {
  private static GateFixture db;
  private static Gate gate;

  /** What one gate does by its lanes, two can only do by the database. */
  private static Gate replica;

  @BeforeAll
  static void open() throws InterruptedException {
    db = GateFixture.open();
    gate = db.gate();
    replica = db.gate();
  }

  @AfterAll
  static void close() {
    gate.close();
    replica.close();
    db.close();
  }

  @Test
  void aRunStartsStepsSettlesAndFinishes() throws Exception {
    UUID workspace = db.workspace(budget("1"));
    Run run = started(gate.start(run(workspace, "ada")));
    RunRef ref = RunRef.of(workspace, run.id());
    assertThat(run.status()).isEqualTo(RunStatus.RUNNING);
    assertThat(run.leaseExpiresAt()).isEqualTo(run.startedAt().plusSeconds(30));

    Step first = admitted(gate.step(step(workspace, run, "0.4")));
    Step second = admitted(gate.step(step(workspace, run, "0.6")));
    assertThat(refusal(gate.step(step(workspace, run, "0.000001"))))
        .isInstanceOf(Refusal.DailyBudgetExceeded.class);

    Step settled = done(gate.settle(ref, first.id(), usd("0.1")));
    assertThat(settled.status()).isEqualTo(StepStatus.SETTLED);
    assertThat(settled.cost()).contains(usd("0.1"));
    assertThat(done(gate.settle(ref, first.id(), usd("0.1")))).isEqualTo(settled);
    assertThat(refusal(gate.settle(ref, first.id(), usd("0.2"))))
        .isEqualTo(new Refusal.StepAlreadySettled(usd("0.1")));

    Run finished = done(gate.finish(ref, RunOutcome.SUCCEEDED));
    assertThat(finished.spent()).isEqualTo(usd("0.7"));
    assertThat(finished.reserved()).isEqualTo(usd("0"));
    assertThat(done(gate.finish(ref, RunOutcome.SUCCEEDED)).finishedAt())
        .isEqualTo(finished.finishedAt());
    assertThat(refusal(gate.finish(ref, RunOutcome.FAILED)))
        .isEqualTo(new Refusal.RunNotRunning(RunStatus.SUCCEEDED));
    assertThat(db.query(books(workspace))).containsExactly("0 700000 0 700000 0");

    done(gate.settle(ref, second.id(), usd("0.2")));
    assertThat(db.query(books(workspace))).containsExactly("0 300000 0 300000 0");
  }

  @Test
  void aBudgetAdmitsExactlyWhatItHolds() throws Exception {
    for (int round = 0; round < 20; round++) {
      UUID workspace = db.workspace(budget("1"));
      Run run = started(gate.start(run(workspace, "ada")));
      AtomicInteger admitted = new AtomicInteger();
      Clients.together(
          200,
          client -> {
            Gate asked = client % 2 == 0 ? gate : replica;
            for (int i = 0; i < 3; i++) {
              if (asked.step(step(workspace, run, "0.01")) instanceof Outcome.Done<?>) {
                admitted.incrementAndGet();
              }
            }
          });
      assertThat(admitted).hasValue(100);
      assertThat(db.query(books(workspace))).containsExactly("1 0 1000000 0 1000000");
      assertThat(
              db.query("SELECT count(*) FROM step WHERE workspace_id = '%s'".formatted(workspace)))
          .containsExactly("100");
    }
  }

  @Test
  void theInstallationsBudgetsAreEnforcedWhereNobodySetOthers() throws Exception {
    GateSettings settings =
        GateSettings.STANDARD.withPlanDefaults(
            PlanDefaults.STANDARD.withBudgets(
                Budget.ofUsd(BigDecimal.ONE), Budget.ofUsd(new BigDecimal("0.6"))));
    try (Gate limited = Gate.open(db.settings, settings, new SimpleMeterRegistry())) {
      UUID silent = db.workspace(cap(10));
      Run ada = started(limited.start(run(silent, "ada")));
      Run bob = started(limited.start(run(silent, "bob")));
      admitted(limited.step(step(silent, ada, "0.6")));
      assertThat(refusal(limited.step(step(silent, ada, "0.01"))))
          .isInstanceOf(Refusal.UserDailyBudgetExceeded.class);
      admitted(limited.step(step(silent, bob, "0.4")));
      assertThat(refusal(limited.step(step(silent, bob, "0.01"))))
          .isInstanceOf(Refusal.DailyBudgetExceeded.class);

      UUID declared = db.workspace(budget("2"));
      Run eve = started(limited.start(run(declared, "eve")));
      Run joe = started(limited.start(run(declared, "joe")));
      admitted(limited.step(step(declared, eve, "0.6")));
      admitted(limited.step(step(declared, joe, "0.6")));
    }
  }

  @Test
  void whoeverHasSpentHisBudgetBeginsNeitherARunNorACall() throws Exception {
    UUID workspace = db.workspace(userBudget("0.6"));
    Run run = started(gate.start(run(workspace, "ada")));
    Step step = admitted(gate.step(step(workspace, run, "0.6")));
    done(gate.settle(RunRef.of(workspace, run.id()), step.id(), usd("0.6")));

    assertThat(refusal(replica.start(run(workspace, "ada"))))
        .isInstanceOf(Refusal.UserDailyBudgetExceeded.class);
    assertThat(refusal(replica.call(call(workspace, "ada", "0.01"))))
        .isInstanceOf(Refusal.UserDailyBudgetExceeded.class);
    done(replica.call(call(workspace, "bob", "0.6")));
    assertThat(refusal(gate.call(call(workspace, "bob", "0.01"))))
        .isInstanceOf(Refusal.UserDailyBudgetExceeded.class);
  }

  private static SettingValues userBudget(String usd) {
    return TestSettings.values(
        Optional.empty(),
        Optional.empty(),
        Optional.of(Budget.ofUsd(new BigDecimal(usd))),
        Optional.of(1_000_000));
  }

  private static CallDraft call(UUID workspaceId, String user, String usd) {
    return new CallDraft(
        workspaceId, user, 30, Optional.of(usd(usd)), Optional.empty(), Map.of(), Optional.empty());
  }

  @Test
  void asManyRunsAsTheCapAndNeverMore() throws Exception {
    UUID workspace = db.workspace(cap(10));
    for (int round = 0; round < 5; round++) {
      Queue<Run> admitted = new ConcurrentLinkedQueue<>();
      Clients.together(
          200,
          client -> {
            Gate asked = client % 2 == 0 ? gate : replica;
            switch (asked.start(run(workspace, "user-" + client))) {
              case Outcome.Done<Created<Run>>(Created<Run> made) -> admitted.add(made.value());
              case Outcome.Refused<Created<Run>>(Refusal refusal) ->
                  assertThat(refusal).isEqualTo(new Refusal.MaxConcurrentRunsExceeded(10, 10));
            }
          });
      assertThat(admitted).hasSize(10);
      assertThat(
              db.query(
                  "SELECT count(*) FROM run WHERE status = 'running' AND workspace_id = '%s'"
                      .formatted(workspace)))
          .containsExactly("10");
      Clients.together(
          10,
          _ ->
              done(
                  replica.finish(
                      RunRef.of(workspace, admitted.remove().id()), RunOutcome.SUCCEEDED)));
    }
  }

  /** Running runs, spent and reserved of the workspace, of its users together. */
  private static String books(UUID workspace) {
    return """
    SELECT concat_ws(' ', w.active_runs, d.spent_micro_usd, d.reserved_micro_usd,
        (SELECT sum(u.spent_micro_usd) FROM user_day u WHERE u.workspace_id = w.workspace_id),
        (SELECT sum(u.reserved_micro_usd) FROM user_day u WHERE u.workspace_id = w.workspace_id))
    FROM workspace w JOIN workspace_day d USING (workspace_id) WHERE w.workspace_id = '%s'\
    """
        .formatted(workspace);
  }
}
