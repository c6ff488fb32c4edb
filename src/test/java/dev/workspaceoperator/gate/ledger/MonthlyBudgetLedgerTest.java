package dev.workspaceoperator.gate.ledger;

import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.refusal;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.NOW;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.TODAY;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.enter;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.open;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.ref;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.running;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.start;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.RunBlock;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.Created;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the budget of a month admits, whatever its day does. */
class MonthlyBudgetLedgerTest {
  /** Of a month of 100, the days before today's part of it, today's, and the cost of a step. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0, 100, true",
    "0, 0, 0, 0, 101, false",
    "60, 0, 30, 0, 10, true",
    "60, 0, 30, 0, 11, false",
    "60, 20, 5, 5, 10, true",
    "60, 20, 5, 5, 11, false",
    "100, 0, 0, 0, 0, false",
    "0, 100, 0, 0, 0, true"
  })
  void aMonthHasWhatAllItsDaysHave(
      long spentEarlier,
      long reservedEarlier,
      long spent,
      long reserved,
      long cost,
      boolean admitted) {
    WorkspaceLedger ledger =
        new LedgerFixture()
            .month(100, spentEarlier, reservedEarlier)
            .used(spent, reserved)
            .ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    Outcome<Created<Step>> outcome = ledger.step(step(run, cost));
    assertThat(outcome instanceof Outcome.Done).isEqualTo(admitted);
    if (!admitted) {
      assertThat(((Refusal.MonthlyBudgetExceeded) refusal(outcome)).budget().resetsAt())
          .contains(Instant.parse("2026-04-01T00:00:00Z"));
    }
  }

  @Test
  void aMonthIsRefusedAfterItsDayAndBeforeTheUser() {
    WorkspaceLedger spent = new LedgerFixture().daily(0).month(0, 0, 0).user(0).ledger();
    assertThat(refusal(spent.step(step(enter(spent, running(Optional.empty())), 0))))
        .isInstanceOf(Refusal.DailyBudgetExceeded.class);
    WorkspaceLedger month = new LedgerFixture().month(0, 0, 0).user(0).ledger();
    RunState run = enter(month, running(Optional.empty()));
    assertThat(refusal(month.step(step(run, 0)))).isInstanceOf(Refusal.MonthlyBudgetExceeded.class);
    assertThat(refusal(month.start(start(Optional.empty()))))
        .isInstanceOf(Refusal.MonthlyBudgetExceeded.class);
    assertThat(done(month.heartbeat(ref(run.id()))).blocked())
        .contains(RunBlock.MONTHLY_BUDGET_EXCEEDED);
  }

  /** What is settled of yesterday gives this month its reservation back, and not another one. */
  @Test
  void aSettleOfAnEarlierDayCountsInTheMonthOfThatDay() {
    WorkspaceLedger ledger = new LedgerFixture().month(100, 0, 100).ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    LocalDate yesterday = TODAY.minusDays(1);
    LocalDate lastMonth = TODAY.minusMonths(1);
    run.books().put(yesterday, DayBalance.of(0, 100));
    run.books().put(lastMonth, DayBalance.of(0, 100));
    StepState ofYesterday = open(run, 100, NOW.minus(Duration.ofDays(1)));
    StepState ofLastMonth = open(run, 100, lastMonth.atStartOfDay(ZoneOffset.UTC).toInstant());
    ledger.batch().enter(ofYesterday);
    ledger.batch().enter(ofLastMonth);

    done(ledger.settle(ref(run.id()), ofLastMonth.identity().stepId(), new MicroUsd(1)));
    assertThat(refusal(ledger.step(step(run, 1))))
        .isInstanceOf(Refusal.MonthlyBudgetExceeded.class);
    done(ledger.settle(ref(run.id()), ofYesterday.identity().stepId(), new MicroUsd(40)));

    assertThat(refusal(ledger.step(step(run, 61))))
        .isInstanceOf(Refusal.MonthlyBudgetExceeded.class);
    done(ledger.step(step(run, 60)));
  }
}
