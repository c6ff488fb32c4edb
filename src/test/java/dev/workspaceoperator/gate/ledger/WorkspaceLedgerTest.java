package dev.workspaceoperator.gate.ledger;

import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.refusal;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.NOW;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.TODAY;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.USER;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.WORKSPACE;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.ended;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.enter;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.open;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.ref;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.running;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.start;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunBlock;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is admitted, refused, booked and charged, without a database. */
class WorkspaceLedgerTest {
  private static final Optional<IdempotencyKey> NO_KEY = Optional.empty();

  /** Budget, spent, reserved and cost of a step in micro-USD; whether the budget admits it. */
  static Stream<Arguments> steps() {
    return Stream.of(
        arguments("nothing used, and it fits exactly", 100, 0, 0, 100, true),
        arguments("one micro-USD too much", 100, 0, 0, 101, false),
        arguments("what is reserved counts", 100, 40, 50, 10, true),
        arguments("what is reserved counts to the last", 100, 40, 50, 11, false),
        arguments("a budget of 0 admits nothing, not even a step of 0", 0, 0, 0, 0, false),
        arguments("nothing is left", 100, 100, 0, 0, false),
        arguments("more is spent than the budget has", 100, 120, 0, 0, false),
        arguments("a step of 0 needs something unspent only", 100, 99, 1, 0, true),
        arguments("a step of 0, and more is reserved than the budget has", 100, 99, 2, 0, false),
        arguments(
            "unlimited, to the last that can be counted",
            Long.MAX_VALUE,
            1,
            Long.MAX_VALUE - 2,
            1,
            true),
        arguments(
            "unlimited, beyond what can be counted",
            Long.MAX_VALUE,
            1,
            Long.MAX_VALUE - 2,
            2,
            false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("steps")
  void theWorkspacesBudgetAdmitsWhatItHolds(
      String name, long budget, long spent, long reserved, long cost, boolean admitted) {
    LedgerFixture workspace = new LedgerFixture().used(spent, reserved);
    if (budget != Long.MAX_VALUE) {
      workspace.daily(budget);
    }
    WorkspaceLedger ledger = workspace.ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    Outcome<Created<Step>> outcome = ledger.step(step(run, cost));
    if (admitted) {
      assertThat(outcome).isInstanceOf(Outcome.Done.class);
      assertThat(ledger.batch().todaysBalance().reserved()).isEqualTo(reserved + cost);
    } else {
      assertThat(refusal(outcome)).isInstanceOf(Refusal.DailyBudgetExceeded.class);
      assertThat(ledger.batch().isChanged()).isFalse();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("steps")
  void theUsersBudgetAdmitsWhatItHolds(
      String name, long budget, long spent, long reserved, long cost, boolean admitted) {
    LedgerFixture workspace = new LedgerFixture();
    if (budget != Long.MAX_VALUE) {
      workspace.user(budget);
    }
    WorkspaceLedger ledger = workspace.ledger();
    ledger.batch().enter(USER, DayBalance.of(spent, reserved));
    RunState run = enter(ledger, running(Optional.empty()));
    Outcome<Created<Step>> outcome = ledger.step(step(run, cost));
    if (admitted) {
      assertThat(outcome).isInstanceOf(Outcome.Done.class);
    } else {
      assertThat(refusal(outcome)).isInstanceOf(Refusal.UserDailyBudgetExceeded.class);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("steps")
  void theRunsOwnCapAdmitsWhatItHolds(
      String name, long budget, long spent, long reserved, long cost, boolean admitted) {
    WorkspaceLedger ledger = new LedgerFixture().ledger();
    Optional<MicroUsd> cap =
        budget == Long.MAX_VALUE ? Optional.empty() : Optional.of(new MicroUsd(budget));
    RunState run = enter(ledger, running(cap));
    run.books().put(TODAY.minusDays(1), DayBalance.of(spent, 0));
    run.books().put(TODAY, DayBalance.of(0, budget == Long.MAX_VALUE ? 0 : reserved));
    Outcome<Created<Step>> outcome = ledger.step(step(run, cost));
    if (admitted || cap.isEmpty()) {
      assertThat(outcome).isInstanceOf(Outcome.Done.class);
    } else {
      assertThat(refusal(outcome)).isInstanceOf(Refusal.RunBudgetExceeded.class);
    }
  }

  /** Each situation with everything that comes after it in the order of design.md §6. */
  static Stream<Arguments> orderOfSteps() {
    LedgerFixture exhausted = new LedgerFixture().daily(0).user(0);
    return Stream.of(
        arguments(
            new LedgerFixture().daily(0).user(0).killed().archived(),
            ended(RunStatus.FAILED, NOW),
            Refusal.Archived.class),
        arguments(
            new LedgerFixture().daily(0).user(0).killed(),
            ended(RunStatus.FAILED, NOW),
            Refusal.KillSwitchActive.class),
        arguments(exhausted, ended(RunStatus.FAILED, NOW), Refusal.RunNotRunning.class),
        arguments(exhausted, ended(RunStatus.EXPIRED, NOW), Refusal.RunNotRunning.class),
        arguments(exhausted, ended(RunStatus.SUCCEEDED, NOW), Refusal.RunNotRunning.class),
        arguments(exhausted, ended(RunStatus.CANCELLED, NOW), Refusal.RunCancelled.class),
        arguments(exhausted, running(Optional.of(MicroUsd.ZERO)), Refusal.RunBudgetExceeded.class),
        arguments(exhausted, running(Optional.empty()), Refusal.DailyBudgetExceeded.class),
        arguments(
            new LedgerFixture().user(0),
            running(Optional.empty()),
            Refusal.UserDailyBudgetExceeded.class));
  }

  @ParameterizedTest
  @MethodSource("orderOfSteps")
  void ofSeveralReasonsTheFirstIsTold(
      LedgerFixture workspace, RunState run, Class<? extends Refusal> reason) {
    WorkspaceLedger ledger = workspace.ledger();
    enter(ledger, run);
    assertThat(refusal(ledger.step(step(run, 1)))).isInstanceOf(reason);
  }

  static Stream<Arguments> orderOfStarts() {
    return Stream.of(
        arguments(
            new LedgerFixture().daily(0).user(0).slots(10, 10).killed().archived(),
            Refusal.Archived.class),
        arguments(
            new LedgerFixture().daily(0).user(0).slots(10, 10).killed(),
            Refusal.KillSwitchActive.class),
        arguments(
            new LedgerFixture().daily(0).user(0).slots(11, 10),
            Refusal.MaxConcurrentRunsExceeded.class),
        arguments(
            new LedgerFixture().daily(5).used(5, 0).user(0), Refusal.DailyBudgetExceeded.class),
        arguments(new LedgerFixture().user(0), Refusal.UserDailyBudgetExceeded.class),
        arguments(new LedgerFixture().daily(5).used(4, 100), null));
  }

  @ParameterizedTest
  @MethodSource("orderOfStarts")
  void aStartIsRefusedForTheFirstReasonOnly(
      LedgerFixture workspace, @Nullable Class<? extends Refusal> reason) {
    Outcome<Created<Run>> outcome = workspace.ledger().start(start(NO_KEY));
    if (reason == null) {
      assertThat(outcome).isInstanceOf(Outcome.Done.class);
    } else {
      assertThat(refusal(outcome)).isInstanceOf(reason);
    }
  }

  @Test
  void aRunThatMayCostNothingIsRefusedAfterTheSlotsAndBeforeTheBudgets() {
    RunDraft free = startWithCap(new MicroUsd(0));
    assertThat(refusal(new LedgerFixture().slots(10, 10).ledger().start(free)))
        .isInstanceOf(Refusal.MaxConcurrentRunsExceeded.class);
    assertThat(refusal(new LedgerFixture().daily(0).user(0).ledger().start(free)))
        .isInstanceOf(Refusal.RunBudgetExceeded.class);
    WorkspaceLedger ledger = new LedgerFixture().ledger();
    assertThat(refusal(ledger.start(free))).isInstanceOf(Refusal.RunBudgetExceeded.class);
    assertThat(ledger.batch().slotChange()).isZero();
    done(ledger.start(startWithCap(new MicroUsd(1))));
  }

  private static RunDraft startWithCap(MicroUsd maxCost) {
    return new RunDraft(WORKSPACE, USER, 30, Optional.of(maxCost), Map.of(), NO_KEY);
  }

  @Test
  void slotsAreCountedWithinABatch() {
    WorkspaceLedger ledger = new LedgerFixture().slots(8, 10).ledger();
    done(ledger.start(start(NO_KEY)));
    Run second = done(ledger.start(start(NO_KEY))).value();
    assertThat(refusal(ledger.start(start(NO_KEY))))
        .isEqualTo(new Refusal.MaxConcurrentRunsExceeded(10, 10));
    done(ledger.finish(ref(second.id()), RunOutcome.SUCCEEDED));
    done(ledger.start(start(NO_KEY)));
    assertThat(ledger.batch().slotChange()).isEqualTo(2);
  }

  @Test
  void theEndOfARunChargesWhatIsOpenOnTheDayOfItsReservation() {
    WorkspaceLedger ledger = new LedgerFixture().used(7, 30).ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    LocalDate yesterday = TODAY.minusDays(1);
    run.books().put(yesterday, DayBalance.of(5, 20));
    run.books().put(TODAY, DayBalance.of(7, 30));
    ledger.batch().enter(USER, DayBalance.of(7, 30));

    Run finished = done(ledger.finish(ref(run.id()), RunOutcome.FAILED));

    assertThat(finished.spent()).isEqualTo(new MicroUsd(62));
    assertThat(finished.reserved()).isEqualTo(MicroUsd.ZERO);
    assertThat(ledger.batch().dayBalance(yesterday).spentChange()).isEqualTo(20);
    assertThat(ledger.batch().dayBalance(yesterday).reservedChange()).isEqualTo(-20);
    assertThat(ledger.batch().userBalance(USER, yesterday).spentChange()).isEqualTo(20);
    assertThat(ledger.batch().todaysBalance().spent()).isEqualTo(37);
    assertThat(ledger.batch().todaysBalance().reserved()).isZero();
  }

  @Test
  void aDeadRunIsExpiredBeforeAnythingIsDecided() {
    WorkspaceLedger ledger = new LedgerFixture().slots(10, 10).at(NOW.plusSeconds(10)).ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    ledger.expireDeadRuns();
    assertThat(run.status()).isEqualTo(RunStatus.EXPIRED);
    assertThat(done(ledger.heartbeat(ref(run.id()))).blocked()).contains(RunBlock.RUN_NOT_RUNNING);
    assertThat(run.leaseExpiresAt()).isEqualTo(NOW.plusSeconds(10));
    done(ledger.start(start(NO_KEY)));
  }

  @Test
  void aLeaseHoldsUntilItsLastMicrosecond() {
    WorkspaceLedger ledger = new LedgerFixture().at(NOW.plusSeconds(10).minusNanos(1000)).ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    ledger.expireDeadRuns();
    assertThat(done(ledger.heartbeat(ref(run.id()))).leaseExpiresAt())
        .isEqualTo(NOW.plusSeconds(40).minusNanos(1000));
  }

  @Test
  void aSettleAboveItsReservationIsChargedAsItIsAndStopsWhatComesNext() {
    WorkspaceLedger ledger = new LedgerFixture().daily(100).used(0, 60).ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    run.books().put(TODAY, DayBalance.of(0, 60));
    ledger.batch().enter(USER, DayBalance.of(0, 60));
    StepState step = open(run, 60, NOW);
    ledger.batch().enter(step);

    Step settled = done(ledger.settle(ref(run.id()), step.identity().stepId(), new MicroUsd(150)));

    assertThat(settled.cost()).contains(new MicroUsd(150));
    assertThat(ledger.batch().todaysBalance().spent()).isEqualTo(150);
    assertThat(ledger.batch().todaysBalance().reserved()).isZero();
    assertThat(refusal(ledger.step(step(run, 0)))).isInstanceOf(Refusal.DailyBudgetExceeded.class);
    assertThat(done(ledger.heartbeat(ref(run.id()))).blocked())
        .contains(RunBlock.DAILY_BUDGET_EXCEEDED);
  }

  /** How long after its run's end; whether a charge of 60 is corrected to 10. */
  static Stream<Arguments> lateSettles() {
    return Stream.of(
        arguments(Duration.ofSeconds(1), true),
        arguments(Duration.ofDays(7), true),
        arguments(Duration.ofDays(7).plusMillis(1), false));
  }

  @ParameterizedTest
  @MethodSource("lateSettles")
  void aLateSettleCorrectsTheChargeForSevenDays(Duration after, boolean corrected) {
    Instant now = NOW.plus(after);
    WorkspaceLedger ledger = new LedgerFixture().at(now).used(60, 0).killed().ledger();
    RunState run = enter(ledger, ended(RunStatus.EXPIRED, NOW));
    run.books().put(TODAY, DayBalance.of(60, 0));
    ledger.batch().enter(USER, DayBalance.of(60, 0));
    StepState step = open(run, 60, NOW);
    ledger.batch().enter(step);
    Outcome<Step> outcome =
        ledger.settle(ref(run.id()), step.identity().stepId(), new MicroUsd(10));
    if (corrected) {
      assertThat(done(outcome).cost()).contains(new MicroUsd(10));
      assertThat(ledger.batch().dayBalance(TODAY).spentChange()).isEqualTo(-50);
      assertThat(ledger.batch().dayBalance(TODAY).reservedChange()).isZero();
      assertThat(ledger.batch().userBalance(USER, TODAY).spentChange()).isEqualTo(-50);
    } else {
      assertThat(refusal(outcome)).isEqualTo(new Refusal.StepClosed(NOW.plus(Duration.ofDays(7))));
    }
  }

  @Test
  void oneKeyHasOneEffectWithinABatch() {
    WorkspaceLedger ledger = new LedgerFixture().ledger();
    Optional<IdempotencyKey> key = Optional.of(new IdempotencyKey("k", "f"));
    Created<Run> first = done(ledger.start(start(key)));
    Created<Run> twin = done(ledger.start(start(key)));
    assertThat(first.replayed()).isFalse();
    assertThat(twin).isEqualTo(new Created<>(first.value(), true));
    assertThat(ledger.batch().slotChange()).isEqualTo(1);
    assertThat(refusal(ledger.start(start(Optional.of(new IdempotencyKey("k", "other"))))))
        .isInstanceOf(Refusal.IdempotencyKeyReused.class);
  }

  @Test
  void aReplayIsAnsweredEvenWhileTheKillSwitchIsOn() {
    WorkspaceLedger ledger = new LedgerFixture().killed().archived().ledger();
    RunState run = enter(ledger, ended(RunStatus.CANCELLED, NOW));
    ledger.batch().enter("k", new KeptAnswer("f", KeptAnswer.RUN, run.id()));
    Created<Run> replay = done(ledger.start(start(Optional.of(new IdempotencyKey("k", "f")))));
    assertThat(replay.replayed()).isTrue();
    assertThat(replay.value().status()).isEqualTo(RunStatus.RUNNING);
    assertThat(replay.value().finishedAt()).isEmpty();
  }

  @Test
  void aRefusalKeepsNoKey() {
    WorkspaceLedger ledger = new LedgerFixture().killed().ledger();
    refusal(ledger.start(start(Optional.of(new IdempotencyKey("k", "f")))));
    assertThat(ledger.batch().newAnswers()).isEmpty();
  }

  @Test
  void aCallerOfOneUserSeesNoOthersRun() {
    WorkspaceLedger ledger = new LedgerFixture().ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    RunRef bob = new RunRef(WORKSPACE, run.id(), Optional.of("bob"));
    assertThat(refusal(ledger.heartbeat(bob))).isInstanceOf(Refusal.NotFound.class);
    assertThat(refusal(ledger.finish(bob, RunOutcome.FAILED))).isInstanceOf(Refusal.NotFound.class);
    RunRef ada = new RunRef(WORKSPACE, run.id(), Optional.of(USER));
    done(ledger.heartbeat(ada));
  }

  @Test
  void cancellingEndsARunningRunAndLeavesAnEndedOne() {
    WorkspaceLedger ledger = new LedgerFixture().slots(2, 10).ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    RunState failed = enter(ledger, ended(RunStatus.FAILED, NOW.minusSeconds(1)));
    Actor actor = new Actor("api-key on-call", Optional.empty());
    Run cancelled = done(ledger.cancel(ref(run.id()), "runaway", actor));
    assertThat(cancelled.blocked()).contains(RunBlock.RUN_CANCELLED);
    assertThat(refusal(ledger.step(step(run, 1)))).isInstanceOf(Refusal.RunCancelled.class);
    assertThat(done(ledger.cancel(ref(failed.id()), "runaway", actor)).status())
        .isEqualTo(RunStatus.FAILED);
    assertThat(done(ledger.finish(ref(run.id()), RunOutcome.CANCELLED)).status())
        .isEqualTo(RunStatus.CANCELLED);
    assertThat(ledger.batch().slotChange()).isEqualTo(-1);
  }

  @Test
  void theFiguresOfARefusalTellWaitingFromUsedUp() {
    WorkspaceLedger ledger = new LedgerFixture().daily(100).used(30, 60).ledger();
    RunState run = enter(ledger, running(Optional.empty()));
    Refusal.DailyBudgetExceeded waits =
        (Refusal.DailyBudgetExceeded) refusal(ledger.step(step(run, 70)));
    assertThat(waits.budget().remaining()).isEqualTo(new MicroUsd(10));
    assertThat(waits.budget().fitsOnceReservationsReturn()).isTrue();
    assertThat(waits.budget().resetsAt()).contains(Instant.parse("2026-03-11T00:00:00Z"));
    Refusal.DailyBudgetExceeded never =
        (Refusal.DailyBudgetExceeded) refusal(ledger.step(step(run, 71)));
    assertThat(never.budget().fitsOnceReservationsReturn()).isFalse();
  }
}
