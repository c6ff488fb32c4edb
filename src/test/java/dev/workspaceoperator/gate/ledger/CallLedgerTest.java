package dev.workspaceoperator.gate.ledger;

import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.refusal;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.NOW;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.TODAY;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.USER;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.WORKSPACE;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.StepStatus;
import dev.workspaceoperator.workspace.port.CallDraft;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.RunRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A call is a run of one step in one decision: both, or neither. */
class CallLedgerTest {
  @Test
  void itTakesASlotAndReservesItsCostUnderOneId() {
    WorkspaceLedger ledger = new LedgerFixture().slots(9, 10).daily(1_000).user(1_000).ledger();

    Call call = done(ledger.call(call(400))).value();

    assertThat(call.step().id()).isEqualTo(call.run().id());
    assertThat(call.run().status()).isEqualTo(RunStatus.RUNNING);
    assertThat(call.run().labels()).containsEntry(Call.LABEL, "true").containsEntry("a", "b");
    assertThat(call.step().labels()).containsOnly(Map.entry("a", "b"));
    assertThat(call.step().reserved()).isEqualTo(new MicroUsd(400));
    assertThat(ledger.batch().slotChange()).isEqualTo(1);
    assertThat(ledger.batch().todaysBalance().reserved()).isEqualTo(400);
    assertThat(ledger.batch().userBalance(USER, TODAY).reserved()).isEqualTo(400);
  }

  @Test
  void onePriceIsReservedWhereNoneIsTold() {
    Call call =
        done(new LedgerFixture().ledger().call(call(Optional.empty(), Optional.empty()))).value();
    assertThat(call.step().reserved()).isEqualTo(new MicroUsd(10_000));
  }

  /** Each situation with everything that comes after it: the run's rules, then the step's. */
  static Stream<Arguments> order() {
    return Stream.of(
        arguments(
            new LedgerFixture().daily(0).slots(10, 10).killed().archived(), Refusal.Archived.class),
        arguments(
            new LedgerFixture().daily(0).slots(10, 10).killed(), Refusal.KillSwitchActive.class),
        arguments(
            new LedgerFixture().daily(0).slots(10, 10), Refusal.MaxConcurrentRunsExceeded.class),
        arguments(new LedgerFixture().daily(5).used(5, 0), Refusal.DailyBudgetExceeded.class),
        arguments(new LedgerFixture().daily(399).user(0), Refusal.UserDailyBudgetExceeded.class),
        arguments(new LedgerFixture().daily(399).user(399), Refusal.DailyBudgetExceeded.class),
        arguments(new LedgerFixture().month(399, 0, 0), Refusal.MonthlyBudgetExceeded.class),
        arguments(new LedgerFixture().user(399), Refusal.UserDailyBudgetExceeded.class));
  }

  @ParameterizedTest
  @MethodSource("order")
  void whatIsRefusedLeavesNothingOfEither(
      LedgerFixture workspace, Class<? extends Refusal> reason) {
    WorkspaceLedger ledger = workspace.ledger();

    assertThat(refusal(ledger.call(call(400)))).isInstanceOf(reason);

    assertThat(ledger.batch().isChanged()).isFalse();
    assertThat(ledger.batch().runs()).isEmpty();
  }

  @Test
  void callsOfOneBatchCountForEachOther() {
    WorkspaceLedger ledger = new LedgerFixture().daily(1_000).slots(0, 2).ledger();
    done(ledger.call(call(600)));
    assertThat(refusal(ledger.call(call(600)))).isInstanceOf(Refusal.DailyBudgetExceeded.class);
    done(ledger.call(call(400)));
    assertThat(refusal(ledger.call(call(0)))).isInstanceOf(Refusal.MaxConcurrentRunsExceeded.class);
  }

  @ParameterizedTest
  @EnumSource(RunOutcome.class)
  void settlingBooksItsCostAndFreesItsSlot(RunOutcome outcome) {
    WorkspaceLedger ledger = running(NOW);

    Call settled = done(ledger.settleCall(ref(id(ledger)), new MicroUsd(250), outcome));

    assertThat(settled.run().status()).isEqualTo(outcome.status());
    assertThat(settled.step().status()).isEqualTo(StepStatus.SETTLED);
    assertThat(settled.run().spent()).isEqualTo(new MicroUsd(250));
    assertThat(settled.run().reserved()).isEqualTo(MicroUsd.ZERO);
    assertThat(ledger.batch().slotChange()).isEqualTo(-1);
    assertThat(ledger.batch().todaysBalance().spent()).isEqualTo(250);
    assertThat(ledger.batch().todaysBalance().reserved()).isZero();
  }

  @Test
  void theSameCostAgainChangesNothingAndAnotherOneIsRefused() {
    WorkspaceLedger ledger = running(NOW);
    RunRef call = ref(id(ledger));
    Call settled = done(ledger.settleCall(call, new MicroUsd(250), RunOutcome.FAILED));

    assertThat(done(ledger.settleCall(call, new MicroUsd(250), RunOutcome.SUCCEEDED)))
        .as("the outcome that was told first stands")
        .isEqualTo(settled);
    assertThat(refusal(ledger.settleCall(call, new MicroUsd(251), RunOutcome.FAILED)))
        .isEqualTo(new Refusal.StepAlreadySettled(new MicroUsd(250)));
    assertThat(ledger.batch().slotChange()).isEqualTo(-1);
    assertThat(ledger.batch().todaysBalance().spent()).isEqualTo(250);
  }

  @Test
  void oneThatWasNotSettledInTimeIsChargedAndCorrectedLater() {
    WorkspaceLedger ledger = running(NOW.plusSeconds(301));
    RunRef call = ref(id(ledger));
    ledger.expireDeadRuns();
    assertThat(ledger.batch().todaysBalance().spent()).isEqualTo(400);

    Call settled = done(ledger.settleCall(call, new MicroUsd(150), RunOutcome.SUCCEEDED));

    assertThat(settled.run().status()).isEqualTo(RunStatus.EXPIRED);
    assertThat(ledger.batch().todaysBalance().spent()).isEqualTo(150);
    assertThat(ledger.batch().slotChange()).isEqualTo(-1);
  }

  @Test
  void aRunThatIsNoCallIsNotSettledAsOne() {
    WorkspaceLedger ledger = new LedgerFixture().ledger();
    RunState run = LedgerFixture.enter(ledger, LedgerFixture.running(Optional.empty()));
    assertThat(refusal(ledger.settleCall(ref(run.id()), new MicroUsd(1), RunOutcome.SUCCEEDED)))
        .isEqualTo(new Refusal.NotFound());
    assertThat(run.isRunning()).isTrue();
  }

  @Test
  void oneKeyIsOneCall() {
    WorkspaceLedger ledger = new LedgerFixture().ledger();
    Optional<IdempotencyKey> key = Optional.of(new IdempotencyKey("k", "f"));
    Call first = done(ledger.call(call(Optional.of(new MicroUsd(400)), key))).value();

    assertThat(done(ledger.call(call(Optional.of(new MicroUsd(400)), key))).value())
        .isEqualTo(first);
    assertThat(
            refusal(
                ledger.call(
                    call(
                        Optional.of(new MicroUsd(1)),
                        Optional.of(new IdempotencyKey("k", "other"))))))
        .isEqualTo(new Refusal.IdempotencyKeyReused());
    assertThat(ledger.batch().slotChange()).isEqualTo(1);
    assertThat(ledger.batch().todaysBalance().reserved()).isEqualTo(400);
  }

  /** A batch that finds one call that was admitted 1 s before noon, with 300 s to go. */
  private static WorkspaceLedger running(Instant at) {
    WorkspaceLedger before = new LedgerFixture().at(NOW.minus(Duration.ofSeconds(1))).ledger();
    Call call = done(before.call(call(400))).value();
    WorkspaceLedger ledger = new LedgerFixture().used(0, 400).slots(1, 10).at(at).ledger();
    RunState run =
        RunState.stored(
            before.batch().knownRun(call.run().id()).orElseThrow().identity(),
            RunStatus.RUNNING,
            call.run().leaseExpiresAt(),
            Optional.empty());
    run.books().put(TODAY, DayBalance.of(0, 400));
    ledger.batch().enter(run);
    ledger.batch().enter(USER, DayBalance.of(0, 400));
    ledger
        .batch()
        .enter(
            new StepState(
                before.batch().knownStep(call.step().id()).orElseThrow().identity(),
                Optional.empty()));
    return ledger;
  }

  private static UUID id(WorkspaceLedger ledger) {
    return ledger.batch().runs().iterator().next().id();
  }

  private static CallDraft call(long cost) {
    return call(Optional.of(new MicroUsd(cost)), Optional.empty());
  }

  private static CallDraft call(Optional<MicroUsd> cost, Optional<IdempotencyKey> key) {
    return new CallDraft(WORKSPACE, USER, 300, cost, Optional.empty(), Map.of("a", "b"), key);
  }
}
