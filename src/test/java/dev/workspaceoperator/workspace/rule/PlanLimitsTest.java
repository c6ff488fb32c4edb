package dev.workspaceoperator.workspace.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SettingsOverride;
import dev.workspaceoperator.workspace.TestSettings;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PlanLimitsTest {
  private static final SettingValues ALL = values(new Budget(25), 20);
  private static final PlanLimits NOTHING = new PlanLimits(List.of(), List.of(), List.of());
  private static final Instant SINCE = Instant.parse("2030-01-31T12:00:00Z");

  @Test
  void onBasicTheUserBudgetIsKeptAndTheDeclaredCapIsNotInForce() {
    PlanLimits limits = limits(Plan.BASIC, ALL, SettingValues.NONE);
    assertThat(limits.kept())
        .extracting(PlanRefusal::specField)
        .containsExactly("userDailyBudgetUsd");
    assertThat(limits.notInForce())
        .extracting(PlanRefusal::specField)
        .containsExactly("maxConcurrentRuns");
  }

  @Test
  void aRuntimeCapOnBasicSleepsAndMissesNothing() {
    PlanLimits limits = limits(Plan.BASIC, SettingValues.NONE, ALL);
    assertThat(limits.kept())
        .extracting(PlanRefusal::specField)
        .containsExactly("userDailyBudgetUsd");
    assertThat(limits.asleep())
        .extracting(PlanRefusal::specField)
        .containsExactly("maxConcurrentRuns");
    assertThat(limits.notInForce()).isEmpty();
  }

  @Test
  void unlimitedAndThreeAreWithinBasic() {
    SettingValues free = values(Budget.UNLIMITED, 3);
    PlanLimits limits = limits(Plan.BASIC, free, free);
    assertThat(limits).isEqualTo(NOTHING);
  }

  @ParameterizedTest
  @EnumSource(value = Plan.class, names = "BASIC", mode = EnumSource.Mode.EXCLUDE)
  void fromProOnNothingIsLimited(Plan plan) {
    assertThat(limits(plan, ALL, ALL)).isEqualTo(NOTHING);
    assertThat(
            limits(
                plan,
                override(1, Setting.USER_DAILY_BUDGET, 1),
                override(2, Setting.MAX_CONCURRENT_RUNS, 20)))
        .isEqualTo(NOTHING);
  }

  @ParameterizedTest
  @EnumSource(
      value = KillLatch.Holder.class,
      names = {"RUNTIME", "DECLARED"})
  void aLatchOfTheWorkspaceIsKeptBelowScale(KillLatch.Holder holder) {
    assertThat(limits(Plan.PRO, SettingValues.NONE, SettingValues.NONE, holder).kept())
        .containsExactly(new PlanRefusal("killSwitch", "kill_switch", Plan.PRO, Plan.SCALE));
    assertThat(limits(Plan.SCALE, SettingValues.NONE, SettingValues.NONE, holder).kept()).isEmpty();
  }

  @Test
  void aLiveOverrideAboveThePlanIsKeptUntilItEnds() {
    Layers layers = overridden(Plan.BASIC, override(1, Setting.USER_DAILY_BUDGET, 1));

    assertThat(PlanLimits.of(layers, SINCE).kept())
        .extracting(PlanRefusal::specField)
        .containsExactly("userDailyBudgetUsd");
    assertThat(PlanLimits.of(layers, SINCE.plusSeconds(60)).kept()).isEmpty();
  }

  @Test
  void anOverrideOfTheCapOnBasicSleeps() {
    PlanLimits limits = limits(Plan.BASIC, override(1, Setting.MAX_CONCURRENT_RUNS, 20));

    assertThat(limits.asleep())
        .extracting(PlanRefusal::specField)
        .containsExactly("maxConcurrentRuns");
    assertThat(limits.notInForce()).isEmpty();
  }

  @Test
  void anOverrideThatBasicAllowsIsNotLimited() {
    assertThat(
            limits(
                Plan.BASIC,
                override(1, Setting.USER_DAILY_BUDGET, Budget.UNLIMITED.micros()),
                override(2, Setting.MAX_CONCURRENT_RUNS, 3)))
        .isEqualTo(NOTHING);
  }

  /** What would be in force on Pro alone, and so returns when Basic is left, is asleep. */
  @ParameterizedTest(name = "declared {0}, runtime {1}, override {2}: asleep {3}, not in force {4}")
  @CsvSource({
    "-, 20, -, true, false",
    "3, 20, -, false, false",
    "20, 40, -, false, true",
    "20, -, 40, true, true",
    "3, -, 40, true, false",
    "20, -, 3, false, true",
    "-, 20, 3, false, false",
    "-, 3, -, false, false",
  })
  void ofTheRunCapOnBasicIsToldWhatIsSo(
      String declared, String runtime, String override, boolean asleep, boolean notInForce) {
    PlanLimits limits =
        PlanLimits.of(
            layers(
                SettingValues.NONE.with(Setting.MAX_CONCURRENT_RUNS, number(declared)),
                SettingValues.NONE.with(Setting.MAX_CONCURRENT_RUNS, number(runtime)),
                number(override).stream()
                    .map(value -> override(1, Setting.MAX_CONCURRENT_RUNS, value))
                    .toList()),
            SINCE);

    assertThat(limits.kept()).isEmpty();
    assertThat(limits.asleep()).hasSize(asleep ? 1 : 0);
    assertThat(limits.notInForce()).hasSize(notInForce ? 1 : 0);
  }

  @ParameterizedTest(name = "declared {0}, runtime {1}, override {2}: kept {3}")
  @CsvSource({
    "-, 25, -, true",
    "25, -, -, true",
    "unlimited, 25, -, false",
    "25, unlimited, -, true",
    "-, -, 25, true",
    "unlimited, -, 25, true",
    "25, -, unlimited, false",
    "-, 25, unlimited, false",
  })
  void ofTheUserBudgetOnBasicIsKeptWhatIsInForce(
      String declared, String runtime, String override, boolean kept) {
    PlanLimits limits =
        PlanLimits.of(
            layers(
                SettingValues.NONE.with(Setting.USER_DAILY_BUDGET, budget(declared)),
                SettingValues.NONE.with(Setting.USER_DAILY_BUDGET, budget(runtime)),
                budget(override).stream()
                    .map(value -> override(1, Setting.USER_DAILY_BUDGET, value.micros()))
                    .toList()),
            SINCE);

    assertThat(limits.kept()).hasSize(kept ? 1 : 0);
    assertThat(limits.asleep()).isEmpty();
    assertThat(limits.notInForce()).isEmpty();
  }

  private static Optional<Integer> number(String text) {
    return text.equals("-") ? Optional.empty() : Optional.of(Integer.valueOf(text));
  }

  private static Optional<Budget> budget(String text) {
    return switch (text) {
      case "-" -> Optional.empty();
      case "unlimited" -> Optional.of(Budget.UNLIMITED);
      default -> Optional.of(new Budget(Long.parseLong(text)));
    };
  }

  private static Layers layers(
      SettingValues declared, SettingValues runtime, List<SettingsOverride> overrides) {
    return new Layers(
        "the-resource",
        new DeclaredSettings(Plan.BASIC, declared, Optional.empty(), Optional.empty()),
        runtime,
        overrides,
        KillSwitch.OFF);
  }

  @Test
  void ofSeveralOverridesTheOneInForceIsJudged() {
    assertThat(
            limits(
                Plan.BASIC,
                override(1, Setting.USER_DAILY_BUDGET, 1),
                override(2, Setting.USER_DAILY_BUDGET, Budget.UNLIMITED.micros())))
        .isEqualTo(NOTHING);
  }

  @Test
  void thePlatformsLatchNeedsNoPlan() {
    assertThat(
            limits(Plan.BASIC, SettingValues.NONE, SettingValues.NONE, KillLatch.Holder.PLATFORM)
                .kept())
        .isEmpty();
  }

  /** Live for a minute; of two the one with the greater id is the newer. */
  private static SettingsOverride override(long id, Setting setting, long value) {
    return new SettingsOverride(new UUID(0, id), setting, value, SINCE.plusSeconds(60), SINCE);
  }

  private static PlanLimits limits(Plan plan, SettingsOverride... overrides) {
    return PlanLimits.of(overridden(plan, overrides), SINCE);
  }

  private static Layers overridden(Plan plan, SettingsOverride... overrides) {
    return new Layers(
        "the-resource",
        new DeclaredSettings(plan, SettingValues.NONE, Optional.empty(), Optional.empty()),
        SettingValues.NONE,
        List.of(overrides),
        KillSwitch.OFF);
  }

  private static PlanLimits limits(
      Plan plan, SettingValues declared, SettingValues runtime, KillLatch.Holder... holders) {
    KillSwitch killSwitch =
        new KillSwitch(
            List.of(holders).stream()
                .map(holder -> new KillLatch(holder, SINCE, Optional.empty()))
                .toList());
    return PlanLimits.of(
        new Layers(
            "the-resource",
            new DeclaredSettings(plan, declared, Optional.empty(), Optional.empty()),
            runtime,
            List.of(),
            killSwitch),
        SINCE);
  }

  private static SettingValues values(Budget userBudget, int runs) {
    return TestSettings.values(
        Optional.of("a"), Optional.of(new Budget(1)), Optional.of(userBudget), Optional.of(runs));
  }
}
