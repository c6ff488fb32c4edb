package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingsOverride;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StatusRendererTest {
  private static final WorkspaceStatus UNOBSERVED =
      new WorkspaceStatus(-1L, null, null, null, null, null, null, null, null);
  private static final Stall SLUG_TAKEN = new Stall(Reason.SLUG_TAKEN, "Another one holds it.");
  private static final Stall REFUSED = new Stall(Reason.PLAN_UPGRADE_REQUIRED, "It needs Pro.");

  private final StatusRenderer renderer = new StatusRenderer(PlanDefaults.STANDARD);
  private final Sample sample = new Sample();

  @Nested
  class Conditions {
    @Test
    void inForceIsReadyAndNothingElse() {
      assertThat(conditions(decided())).containsExactly("Ready=True Synced");
    }

    @ParameterizedTest
    @MethodSource("dev.workspaceoperator.controller.StatusRendererTest#latches")
    void theKillSwitchIsActiveForTheReasonOfItsStrongestLatch(
        List<Holder> holders, String strongest) {
      sample.declared = Sample.plan(Plan.SCALE);
      sample.killSwitch = Sample.latches(holders.toArray(Holder[]::new));
      WorkspaceStatus status = decided();
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
      WorkspaceStatus status = decided();
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
      WorkspaceStatus status = decided();
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
      WorkspaceStatus status = decided();
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
      WorkspaceStatus status = decided();
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
      WorkspaceStatus status = decided();
      assertThat(conditions(status)).containsExactly("Ready=True Synced");
      assertThat(effective(status).maxConcurrentRuns())
          .isEqualTo(new WorkspaceStatus.EffectiveField<>(3, "Declared", null));
    }

    @Test
    void aRefusedNewWorkspaceHasNoIdAndYetWasLookedAt() {
      WorkspaceStatus status =
          renderer.decided(UNOBSERVED, 1, Sample.nothing(), Optional.of(SLUG_TAKEN));
      assertThat(conditions(status))
          .containsExactly("Ready=False SlugTaken", "Stalled=True SlugTaken");
      assertThat(status)
          .isEqualTo(
              new WorkspaceStatus(
                  1L, null, null, null, null, null, null, null, status.conditions()));
    }

    @Test
    void aGenerationRefusedLaterKeepsWhatWasAcceptedInForce() {
      sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("25.5"));
      WorkspaceStatus status =
          renderer.decided(UNOBSERVED, 5, sample.gathered(), Optional.of(REFUSED));
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
    void whatTheManifestWasRefusedForIsSaidBeforeWhatIsNotInForceAnyway() {
      sample.declared = Sample.declaring(Plan.BASIC, Sample.maxConcurrentRuns(20));
      assertThat(
              conditions(
                  renderer.decided(UNOBSERVED, 5, sample.gathered(), Optional.of(SLUG_TAKEN))))
          .containsExactly("Ready=False SlugTaken", "Stalled=True SlugTaken");
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
      assertThat(conditions(decided())).isEqualTo(expected);
    }

    @Test
    void whatIsOnlyReservedIsNotSpent() {
      sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("100"));
      sample.reservedMicros = 100_000_000;
      assertThat(conditions(decided())).containsExactly("Ready=True Synced");
    }

    @Test
    void anExhaustedBudgetIsGoneOnTheNextDay() {
      sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("100"));
      sample.spentMicros = 100_000_000;
      WorkspaceStatus before = decided();
      assertThat(conditions(before)).contains("BudgetExhausted=True DailyBudget");
      sample.spentMicros = 0;
      sample.now = Instant.parse("2030-02-01T00:00:05Z");
      assertThat(conditions(decided(before))).containsExactly("Ready=True Synced");
    }

    @Test
    void aStoreThatIsDownLeavesEverythingAsItWasButReadiness() {
      sample.declared = Sample.declaring(Plan.BASIC, Sample.userDailyBudget("25"));
      sample.killSwitch = Sample.latches(Holder.RUNTIME);
      sample.runtime = Sample.dailyBudget("0");
      WorkspaceStatus before = decided();
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
          renderer.decided(UNOBSERVED, 4, sample.gathered(), Optional.of(SLUG_TAKEN));
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
      assertThat(conditions(decided(storeDown(decided(), 4)))).containsExactly("Ready=True Synced");
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
          WorkspaceStatus first = renderer.decided(UNOBSERVED, 4, sample.gathered(), stall);
          WorkspaceStatus down = storeDown(first, 5);
          WorkspaceStatus back = renderer.decided(down, 5, sample.gathered(), stall);
          for (WorkspaceStatus status : List.of(first, down, back)) {
            assertThat(conditions(status).stream().map(text -> text.replaceAll("=.*", "")))
                .doesNotHaveDuplicates()
                .contains("Ready")
                .satisfies(types ->
                    assertThat(types.contains("Reconciling") && types.contains("Stalled"))
                        .isFalse());
          }
        }
      }
    }

    @Test
    void eachConditionNamesTheGenerationItWasJudgedOn() {
      sample.declared = Sample.killed(Plan.BASIC);
      sample.killSwitch = Sample.latches(Holder.DECLARED);
      assertThat(all(renderer.decided(UNOBSERVED, 9, sample.gathered(), Optional.empty())))
          .hasSize(3)
          .extracting(WorkspaceCondition::observedGeneration)
          .containsOnly(9L);
    }

    @Test
    void whatIsNeitherStoredNorRefusedIsAMistakeOfTheCaller() {
      assertThatThrownBy(() -> renderer.decided(UNOBSERVED, 1, Sample.nothing(), Optional.empty()))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Nested
  class TransitionTime {
    @Test
    void itStandsStillWhileOnlyReasonAndMessageChange() {
      WorkspaceStatus before =
          renderer.decided(UNOBSERVED, 4, sample.gathered(), Optional.of(SLUG_TAKEN));
      sample.now = Sample.NOW.plusSeconds(100);
      WorkspaceStatus after = renderer.decided(before, 5, sample.gathered(), Optional.of(REFUSED));
      assertThat(all(after))
          .extracting(WorkspaceCondition::reason)
          .containsOnly("PlanUpgradeRequired");
      assertThat(all(after))
          .extracting(WorkspaceCondition::lastTransitionTime)
          .containsOnly("2030-01-31T12:00:00Z");
    }

    @Test
    void itMovesWithTheStatus() {
      WorkspaceStatus before =
          renderer.decided(UNOBSERVED, 4, sample.gathered(), Optional.of(SLUG_TAKEN));
      sample.now = Sample.NOW.plusSeconds(100);
      assertThat(all(decided(before)))
          .singleElement()
          .extracting(WorkspaceCondition::lastTransitionTime)
          .isEqualTo("2030-01-31T12:01:40Z");
    }

    @Test
    void itIsThatOfTheNewOccurrenceForAConditionThatWasGone() {
      sample.killSwitch = Sample.latches(Holder.PLATFORM);
      WorkspaceStatus on = decided();
      sample.killSwitch = Sample.latches();
      WorkspaceStatus off = decided(on);
      sample.killSwitch = Sample.latches(Holder.PLATFORM);
      sample.now = Sample.NOW.plusSeconds(100);
      assertThat(since(decided(off), ConditionType.KILL_SWITCH_ACTIVE))
          .isEqualTo("2030-01-31T12:01:40Z");
    }

    @Test
    void whatIsKeptWhileTheStoreIsDownKeepsItsTime() {
      sample.killSwitch = Sample.latches(Holder.PLATFORM);
      WorkspaceStatus down = storeDown(decided(), 4);
      assertThat(since(down, ConditionType.KILL_SWITCH_ACTIVE)).isEqualTo("2030-01-31T12:00:00Z");
      assertThat(since(down, ConditionType.READY)).isEqualTo("2030-01-31T13:00:00Z");
    }

    @Test
    void itHasWholeSeconds() {
      sample.now = Sample.NOW.plusNanos(123_456_789);
      assertThat(since(decided(), ConditionType.READY)).isEqualTo("2030-01-31T12:00:00Z");
    }
  }

  @Nested
  class UsageShown {
    @Test
    void itIsShownAtOnceTheFirstTime() {
      sample.spentMicros = 1_500_000;
      sample.reservedMicros = 250_000;
      sample.activeRuns = 2;
      assertThat(decided().usage())
          .isEqualTo(
              new WorkspaceStatus.UsageStatus(
                  "2030-01-31", "1.5", "0.25", 2, "2030-01-31T12:00:00Z"));
    }

    @Test
    void itFollowsAtMostOnceAMinute() {
      WorkspaceStatus before = decided();
      sample.spentMicros = 1_000_000;
      sample.now = Sample.NOW.plusMillis(59_999);
      assertThat(decided(before).usage()).isEqualTo(before.usage());
      sample.now = Sample.NOW.plusSeconds(60);
      assertThat(decided(before).usage())
          .isEqualTo(
              new WorkspaceStatus.UsageStatus("2030-01-31", "1", "0", 0, "2030-01-31T12:01:00Z"));
    }

    @Test
    void itDelaysNothingElse() {
      WorkspaceStatus before = decided();
      sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("1"));
      sample.spentMicros = 1_000_000;
      sample.now = Sample.NOW.plusSeconds(1);
      WorkspaceStatus after = decided(before);
      assertThat(after.usage()).isEqualTo(before.usage());
      assertThat(conditions(after)).contains("BudgetExhausted=True DailyBudget");
      assertThat(effective(after).dailyBudgetUsd())
          .isEqualTo(new WorkspaceStatus.EffectiveField<>("1", "Declared", null));
    }

    @Test
    void theSameUsageLaterMakesTheSameStatus() {
      sample.spentMicros = 1_000_000;
      WorkspaceStatus before = decided();
      sample.now = Sample.NOW.plusSeconds(3_600);
      assertThat(decided(before)).isEqualTo(before);
    }

    @Test
    void anIdleWorkspaceIsNotRewrittenAtMidnight() {
      WorkspaceStatus before = decided();
      sample.now = Sample.NOW.plus(Duration.ofDays(1));
      assertThat(decided(before)).isEqualTo(before);
    }

    @Test
    void theSameAmountOnAnotherDayIsShown() {
      sample.spentMicros = 1_000_000;
      WorkspaceStatus before = decided();
      sample.now = Sample.NOW.plus(Duration.ofDays(1));
      assertThat(Objects.requireNonNull(decided(before).usage()).day()).isEqualTo("2030-02-01");
    }

    @Test
    void aTimeThatSomebodyGarbledCountsAsLongAgo() {
      WorkspaceStatus before =
          withUsage(decided(), new WorkspaceStatus.UsageStatus("x", "9", "9", 9, "yesterday"));
      assertThat(decided(before).usage())
          .isEqualTo(
              new WorkspaceStatus.UsageStatus("2030-01-31", "0", "0", 0, "2030-01-31T12:00:00Z"));
    }
  }

  @Nested
  class EffectiveShown {
    @ParameterizedTest
    @CsvSource({
      "100, 100",
      "100.00, 100",
      "25.50, 25.5",
      "0, 0",
      "0.000001, 0.000001",
      "1000000000, 1000000000",
      "unlimited, unlimited"
    })
    void budgetsArePrintedPlain(String declared, String printed) {
      sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget(declared));
      assertThat(effective(decided()).dailyBudgetUsd())
          .isEqualTo(new WorkspaceStatus.EffectiveField<>(printed, "Declared", null));
    }

    @Test
    void whatNobodySetIsTheDefault() {
      sample.declared = Sample.plan(Plan.PRO);
      assertThat(effective(decided()))
          .isEqualTo(
              new WorkspaceStatus.Effective(
                  new WorkspaceStatus.EffectiveField<>("my-team", "Default", null),
                  new WorkspaceStatus.EffectiveField<>(Budget.UNLIMITED_WORD, "Default", null),
                  new WorkspaceStatus.EffectiveField<>(Budget.UNLIMITED_WORD, "Default", null),
                  new WorkspaceStatus.EffectiveField<>(10, "PlanDefault", null),
                  new WorkspaceStatus.EffectiveField<>(false, "Default", null)));
    }

    @Test
    void anOverrideSaysUntilWhen() {
      sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("100"));
      sample.spentMicros = 100_000_000;
      sample.overrides =
          List.of(
              new SettingsOverride(
                  new UUID(0, 1),
                  Setting.DAILY_BUDGET,
                  250_000_000,
                  Sample.NOW.plusSeconds(30),
                  Sample.NOW.minusSeconds(30)));
      WorkspaceStatus during = decided();
      assertThat(effective(during).dailyBudgetUsd())
          .isEqualTo(
              new WorkspaceStatus.EffectiveField<>("250", "Override", "2030-01-31T12:00:30Z"));
      assertThat(conditions(during)).containsExactly("Ready=True Synced");

      sample.now = Sample.NOW.plusSeconds(30);
      WorkspaceStatus after = decided(during);
      assertThat(effective(after).dailyBudgetUsd())
          .isEqualTo(new WorkspaceStatus.EffectiveField<>("100", "Declared", null));
      assertThat(conditions(after))
          .containsExactly("Ready=True Synced", "BudgetExhausted=True DailyBudget");
    }

    @Test
    void theHeadOfTheAuditChainIsShown() {
      assertThat(decided().audit())
          .isEqualTo(new WorkspaceStatus.AuditStatus(12L, "ab".repeat(32)));
    }
  }

  static Stream<Arguments> latches() {
    return Stream.of(
        Arguments.of(List.of(Holder.RUNTIME), "Runtime"),
        Arguments.of(List.of(Holder.DECLARED), "Declared"),
        Arguments.of(List.of(Holder.PLATFORM), "Platform"),
        Arguments.of(List.of(Holder.RUNTIME, Holder.DECLARED), "Declared"),
        Arguments.of(List.of(Holder.DECLARED, Holder.PLATFORM, Holder.RUNTIME), "Platform"));
  }

  private WorkspaceStatus decided() {
    return decided(UNOBSERVED);
  }

  private WorkspaceStatus decided(WorkspaceStatus previous) {
    return renderer.decided(previous, 4, sample.gathered(), Optional.empty());
  }

  private WorkspaceStatus storeDown(WorkspaceStatus previous, long generation) {
    return renderer.undecided(
        previous,
        generation,
        Reason.STORE_UNAVAILABLE,
        "The store does not answer.",
        Sample.NOW.plusSeconds(3_600));
  }

  private static List<WorkspaceCondition> all(WorkspaceStatus status) {
    return Objects.requireNonNull(status.conditions());
  }

  private static List<String> conditions(WorkspaceStatus status) {
    return all(status).stream()
        .map(condition ->
            "%s=%s %s".formatted(condition.type(), condition.status(), condition.reason()))
        .toList();
  }

  private static String message(WorkspaceStatus status, ConditionType type) {
    return ConditionSet.find(all(status), type).orElseThrow().message();
  }

  private static String since(WorkspaceStatus status, ConditionType type) {
    return ConditionSet.find(all(status), type).orElseThrow().lastTransitionTime();
  }

  private static WorkspaceStatus.Effective effective(WorkspaceStatus status) {
    return Objects.requireNonNull(status.effective());
  }

  private static WorkspaceStatus withUsage(
      WorkspaceStatus status, WorkspaceStatus.UsageStatus usage) {
    return new WorkspaceStatus(
        status.observedGeneration(),
        status.id(),
        status.slug(),
        status.plan(),
        status.effective(),
        status.killSwitch(),
        usage,
        status.audit(),
        status.conditions());
  }
}
