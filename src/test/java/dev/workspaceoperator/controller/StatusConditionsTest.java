package dev.workspaceoperator.controller;

import static dev.workspaceoperator.controller.Statuses.REFUSED;
import static dev.workspaceoperator.controller.Statuses.RENDERER;
import static dev.workspaceoperator.controller.Statuses.SLUG_TAKEN;
import static dev.workspaceoperator.controller.Statuses.UNOBSERVED;
import static dev.workspaceoperator.controller.Statuses.all;
import static dev.workspaceoperator.controller.Statuses.conditions;
import static dev.workspaceoperator.controller.Statuses.decided;
import static dev.workspaceoperator.controller.Statuses.effective;
import static dev.workspaceoperator.controller.Statuses.message;
import static dev.workspaceoperator.controller.Statuses.storeDown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusConditionsTest {
  private final Sample sample = new Sample();

  @Test
  void inForceIsReadyAndNothingElse() {
    assertThat(conditions(decided(sample))).containsExactly("Ready=True Synced");
  }

  @ParameterizedTest
  @MethodSource("latches")
  void theKillSwitchIsActiveForTheReasonOfItsStrongestLatch(
      List<Holder> holders, String strongest) {
    sample.declared = Sample.plan(Plan.SCALE);
    sample.killSwitch = Sample.latches(holders.toArray(Holder[]::new));
    WorkspaceStatus status = decided(sample);
    assertThat(conditions(status))
        .containsExactly("Ready=True Synced", "KillSwitchActive=True " + strongest);
    assertThat(message(status, ConditionType.KILL_SWITCH_ACTIVE))
        .contains("because of " + strongest.toUpperCase(Locale.ROOT));
    assertThat(Objects.requireNonNull(status.killSwitch()).latches())
        .hasSameSizeAs(holders)
        .first()
        .isEqualTo(
            new WorkspaceStatus.Latch(
                strongest,
                Sample.NOW.toString(),
                "because of " + strongest.toUpperCase(Locale.ROOT)));
    assertThat(effective(status).killSwitch())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>(true, strongest, null));
  }

  @Test
  void whatADowngradeKeepsIsPlanLimitedAndReady() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.userDailyBudget("25"));
    WorkspaceStatus status = decided(sample);
    assertThat(conditions(status))
        .containsExactly("Ready=True Synced", "PlanLimited=True PlanUpgradeRequired");
    assertThat(message(status, ConditionType.PLAN_LIMITED))
        .contains("Basic", "userDailyBudgetUsd (needs Pro)");
    assertThat(effective(status).userDailyBudgetUsd())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>("25", "Declared", null));
  }

  @Test
  void aLatchThatADowngradeKeepsIsBothActiveAndPlanLimited() {
    sample.declared = Sample.killed(Plan.BASIC);
    sample.killSwitch = Sample.latches(Holder.DECLARED);
    WorkspaceStatus status = decided(sample);
    assertThat(conditions(status))
        .containsExactly(
            "Ready=True Synced",
            "KillSwitchActive=True Declared",
            "PlanLimited=True PlanUpgradeRequired");
    assertThat(message(status, ConditionType.PLAN_LIMITED)).contains("killSwitch (needs Scale)");
  }

  @Test
  void aRuntimeCapThatSleepsOnBasicStallsNothing() {
    sample.runtime = Sample.maxConcurrentRuns(20);
    WorkspaceStatus status = decided(sample);
    assertThat(conditions(status))
        .containsExactly("Ready=True Synced", "PlanLimited=True PlanUpgradeRequired");
    assertThat(message(status, ConditionType.PLAN_LIMITED))
        .isEqualTo(
            "Not in force on plan Basic, and back after an upgrade: maxConcurrentRuns (needs Pro).");
    assertThat(effective(status).maxConcurrentRuns())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>(3, "PlanDefault", null));
  }

  @Test
  void aDeclaredCapOtherThanThreeOnBasicStallsAndRunsAtThree() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.maxConcurrentRuns(20));
    WorkspaceStatus status = decided(sample);
    assertThat(conditions(status))
        .containsExactly("Ready=False PlanUpgradeRequired", "Stalled=True PlanUpgradeRequired");
    assertThat(message(status, ConditionType.STALLED))
        .contains("spec.maxConcurrentRuns", "Pro", "runs at 3");
    assertThat(effective(status).maxConcurrentRuns())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>(3, "PlanDefault", null));
  }

  @Test
  void aDeclaredCapOfThreeOnBasicIsInForce() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.maxConcurrentRuns(3));
    WorkspaceStatus status = decided(sample);
    assertThat(conditions(status)).containsExactly("Ready=True Synced");
    assertThat(effective(status).maxConcurrentRuns())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>(3, "Declared", null));
  }

  @Test
  void aRefusedNewWorkspaceHasNoIdAndYetWasLookedAt() {
    WorkspaceStatus status =
        RENDERER.decided(UNOBSERVED, 1, Sample.nothing(), Optional.of(SLUG_TAKEN));
    assertThat(conditions(status))
        .containsExactly("Ready=False SlugTaken", "Stalled=True SlugTaken");
    assertThat(status)
        .isEqualTo(
            new WorkspaceStatus(1L, null, null, null, null, null, null, null, status.conditions()));
  }

  @Test
  void aGenerationRefusedLaterKeepsWhatWasAcceptedInForce() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("25.5"));
    WorkspaceStatus status =
        RENDERER.decided(UNOBSERVED, 5, sample.gathered(), Optional.of(REFUSED));
    assertThat(conditions(status))
        .containsExactly("Ready=False PlanUpgradeRequired", "Stalled=True PlanUpgradeRequired");
    assertThat(message(status, ConditionType.STALLED)).isEqualTo("It needs Pro.");
    assertThat(status.observedGeneration()).isEqualTo(5);
    assertThat(status.id()).isEqualTo(Sample.ID.toString());
    assertThat(status.slug()).isEqualTo("my-team");
    assertThat(status.plan()).isEqualTo("Basic");
    assertThat(effective(status).dailyBudgetUsd())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>("25.5", "Declared", null));
  }

  @Test
  void aKeyInUseElsewhereHidesNoCapThatSleeps() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.maxConcurrentRuns(20));
    sample.keys = List.of(Sample.key("foreign", 'b'));
    WorkspaceStatus status = decided(sample, UNOBSERVED, Set.of(Sample.digest('b')));
    assertThat(conditions(status))
        .containsExactly("Ready=False PlanUpgradeRequired", "Stalled=True PlanUpgradeRequired");
    assertThat(message(status, ConditionType.STALLED))
        .containsSubsequence("spec.maxConcurrentRuns", "spec.apiKeys [foreign]", "in force");
  }

  @Test
  void aReceiverThatMayNotBeNamedIsToldAndEverythingElseIsInForce() {
    sample.receivers =
        List.of(
            new DeclaredReceiver("ours", "https://h/", "our-key", Set.of()),
            new DeclaredReceiver("theirs", "https://h/", "their-key", Set.of()));
    sample.receiverRules =
        (workspace, receiver) ->
            receiver.keyName().equals("our-key")
                ? Optional.empty()
                : Optional.of("the key is not for " + workspace.namespace());

    WorkspaceStatus status = decided(sample);

    assertThat(conditions(status))
        .containsExactly("Ready=False NotificationRefused", "Stalled=True NotificationRefused");
    assertThat(message(status, ConditionType.STALLED))
        .isEqualTo(
            "Nothing is sent to spec.notifications \"theirs\": the key is not for team."
                + " Everything else of this manifest is in force.");
  }

  @Test
  void aCapThatTheRefusedManifestNoLongerAsksForIsNotTold() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.maxConcurrentRuns(20));
    assertThat(
            conditions(RENDERER.decided(UNOBSERVED, 5, sample.gathered(), Optional.of(SLUG_TAKEN))))
        .containsExactly("Ready=False SlugTaken", "Stalled=True SlugTaken");
  }

  @Test
  void theLatchesAreThereOnlyWhileOneIsOn() {
    assertThat(decided(sample).killSwitch()).isNull();
    sample.killSwitch = Sample.latches(Holder.RUNTIME);
    WorkspaceStatus on = decided(sample);
    assertThat(Objects.requireNonNull(on.killSwitch()).latches()).hasSize(1);
    sample.killSwitch = KillSwitch.OFF;
    assertThat(decided(sample, on).killSwitch()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"An agent runs wild", "An agent runs wild."})
  void aReasonEndsInOneFullStop(String reason) {
    sample.killSwitch =
        new KillSwitch(List.of(new KillLatch(Holder.RUNTIME, Sample.NOW, Optional.of(reason))));
    assertThat(message(decided(sample), ConditionType.KILL_SWITCH_ACTIVE))
        .isEqualTo("Every run and step is refused: An agent runs wild.");
  }

  @ParameterizedTest(name = "{0} spent of {1}: {2}")
  @CsvSource({
    "99999999, 100, false",
    "100000000, 100, true",
    "100000001, 100, true",
    "0, 0, true",
    "1000000000000000, unlimited, false"
  })
  void theBudgetIsExhaustedOnceAllOfItIsSpent(long micros, String budget, boolean exhausted) {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget(budget));
    sample.spentMicros = micros;
    List<String> expected = new ArrayList<>(List.of("Ready=True Synced"));
    if (exhausted) {
      expected.add("BudgetExhausted=True DailyBudget");
    }
    assertThat(conditions(decided(sample))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} spent of {1} a day and {2} a month: {3}")
  @CsvSource({
    "99, 100, 100, ",
    "100, unlimited, 100, MonthlyBudget",
    "100, 100, unlimited, DailyBudget",
    "100, 100, 100, MonthlyBudget",
    "0, unlimited, 0, MonthlyBudget"
  })
  void ofDayAndMonthTheOneIsToldThatLastsLonger(
      long usd, String day, String month, @Nullable String reason) {
    SettingValues budgets =
        Sample.dailyBudget(day).with(Setting.MONTHLY_BUDGET, Budget.ofText(month));
    sample.declared = Sample.declaring(Plan.PRO, budgets);
    sample.spentMicros = usd * 1_000_000;
    List<String> expected = new ArrayList<>(List.of("Ready=True Synced"));
    if (reason != null) {
      expected.add("BudgetExhausted=True " + reason);
    }
    assertThat(conditions(decided(sample))).isEqualTo(expected);
    if ("MonthlyBudget".equals(reason)) {
      assertThat(message(decided(sample), ConditionType.BUDGET_EXHAUSTED))
          .contains("refused until 2030-02-01, 00:00 UTC");
    }
  }

  @Test
  void whatIsOnlyReservedIsNotSpent() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("100"));
    sample.reservedMicros = 100_000_000;
    assertThat(conditions(decided(sample))).containsExactly("Ready=True Synced");
  }

  @Test
  void anExhaustedBudgetIsGoneOnTheNextDay() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("100"));
    sample.spentMicros = 100_000_000;
    WorkspaceStatus before = decided(sample);
    assertThat(conditions(before)).contains("BudgetExhausted=True DailyBudget");
    sample.spentMicros = 0;
    sample.now = Instant.parse("2030-02-01T00:00:05Z");
    assertThat(conditions(decided(sample, before))).containsExactly("Ready=True Synced");
  }

  @Test
  void aStoreThatIsDownLeavesEverythingAsItWasButReadiness() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.userDailyBudget("25"));
    sample.killSwitch = Sample.latches(Holder.RUNTIME);
    sample.runtime = Sample.dailyBudget("0");
    WorkspaceStatus before = decided(sample);
    WorkspaceStatus status = storeDown(before, 5);
    assertThat(conditions(status))
        .containsExactly(
            "Ready=False StoreUnavailable",
            "Reconciling=True StoreUnavailable",
            "KillSwitchActive=True Runtime",
            "PlanLimited=True PlanUpgradeRequired",
            "BudgetExhausted=True DailyBudget");
    assertThat(status).usingRecursiveComparison().ignoringFields("conditions").isEqualTo(before);
    assertThat(status.observedGeneration()).isEqualTo(4);
  }

  @Test
  void aStoreThatIsDownTakesTheStallAway() {
    WorkspaceStatus stalled =
        RENDERER.decided(UNOBSERVED, 4, sample.gathered(), Optional.of(SLUG_TAKEN));
    assertThat(conditions(storeDown(stalled, 4)))
        .containsExactly("Ready=False StoreUnavailable", "Reconciling=True StoreUnavailable");
  }

  @Test
  void aStoreThatIsDownFromTheStartHasNoId() {
    WorkspaceStatus status = storeDown(UNOBSERVED, 1);
    assertThat(status.observedGeneration()).isEqualTo(-1);
    assertThat(status.id()).isNull();
    assertThat(conditions(status))
        .containsExactly("Ready=False StoreUnavailable", "Reconciling=True StoreUnavailable");
  }

  @Test
  void aStoreThatIsBackEndsReconciling() {
    assertThat(conditions(decided(sample, storeDown(decided(sample), 4))))
        .containsExactly("Ready=True Synced");
  }

  @Test
  void nothingIsEverBothReconcilingAndStalledAndReadyIsAlwaysThere() {
    for (DeclaredSettings declared :
        List.of(
            DeclaredSettings.NONE,
            Sample.killed(Plan.BASIC),
            Sample.declaring(Plan.BASIC, Sample.maxConcurrentRuns(20)))) {
      sample.declared = declared;
      for (Optional<Stall> stall : List.of(Optional.<Stall>empty(), Optional.of(SLUG_TAKEN))) {
        WorkspaceStatus first = RENDERER.decided(UNOBSERVED, 4, sample.gathered(), stall);
        WorkspaceStatus down = storeDown(first, 5);
        WorkspaceStatus back = RENDERER.decided(down, 5, sample.gathered(), stall);
        for (WorkspaceStatus status : List.of(first, down, back)) {
          assertThat(conditions(status).stream().map(text -> text.replaceAll("=.*", "")))
              .doesNotHaveDuplicates()
              .contains("Ready")
              .satisfies(types ->
                  assertThat(types.contains("Reconciling") && types.contains("Stalled")).isFalse());
        }
      }
    }
  }

  @Test
  void eachConditionNamesTheGenerationItWasJudgedOn() {
    sample.declared = Sample.killed(Plan.BASIC);
    sample.killSwitch = Sample.latches(Holder.DECLARED);
    assertThat(all(RENDERER.decided(UNOBSERVED, 9, sample.gathered(), Optional.empty())))
        .hasSize(3)
        .extracting(WorkspaceCondition::observedGeneration)
        .containsOnly(9L);
  }

  @Test
  void whatIsNeitherStoredNorRefusedIsAMistakeOfTheCaller() {
    assertThatThrownBy(() -> RENDERER.decided(UNOBSERVED, 1, Sample.nothing(), Optional.empty()))
        .isInstanceOf(IllegalStateException.class);
  }

  private static Stream<Arguments> latches() {
    return Stream.of(
        Arguments.of(List.of(Holder.RUNTIME), "Runtime"),
        Arguments.of(List.of(Holder.DECLARED), "Declared"),
        Arguments.of(List.of(Holder.PLATFORM), "Platform"),
        Arguments.of(List.of(Holder.RUNTIME, Holder.DECLARED), "Declared"),
        Arguments.of(List.of(Holder.DECLARED, Holder.PLATFORM, Holder.RUNTIME), "Platform"));
  }
}
