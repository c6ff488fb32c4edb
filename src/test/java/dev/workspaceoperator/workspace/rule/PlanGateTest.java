package dev.workspaceoperator.workspace.rule;

import static dev.workspaceoperator.workspace.Plan.BASIC;
import static dev.workspaceoperator.workspace.Plan.ENTERPRISE;
import static dev.workspaceoperator.workspace.Plan.PRO;
import static dev.workspaceoperator.workspace.Plan.SCALE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.TestSettings;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PlanGateTest {
  private static final Optional<?> ABSENT = Optional.empty();
  private static final Set<Plan> NONE = EnumSet.noneOf(Plan.class);
  private static final Set<Plan> BELOW_PRO = EnumSet.of(BASIC);
  private static final Set<Plan> BELOW_SCALE = EnumSet.of(BASIC, PRO);

  static Stream<Arguments> changes() {
    Optional<?> usd25 = Optional.of(budget("25"));
    Optional<?> usd50 = Optional.of(budget("50"));
    Optional<?> unlimited = Optional.of(Budget.UNLIMITED);
    return Stream.of(
        // setting, before, after, the plans that refuse it
        arguments(Setting.NAME, ABSENT, Optional.of("A"), NONE),
        arguments(Setting.NAME, Optional.of("A"), Optional.of("B"), NONE),
        arguments(Setting.DAILY_BUDGET, ABSENT, usd25, NONE),
        arguments(Setting.DAILY_BUDGET, usd25, usd50, NONE),
        arguments(Setting.DAILY_BUDGET, usd25, unlimited, NONE),
        arguments(Setting.USER_DAILY_BUDGET, ABSENT, ABSENT, NONE),
        arguments(Setting.USER_DAILY_BUDGET, ABSENT, usd25, BELOW_PRO),
        arguments(Setting.USER_DAILY_BUDGET, ABSENT, Optional.of(new Budget(0)), BELOW_PRO),
        arguments(Setting.USER_DAILY_BUDGET, usd25, usd50, BELOW_PRO),
        arguments(Setting.USER_DAILY_BUDGET, usd50, usd25, BELOW_PRO),
        arguments(Setting.USER_DAILY_BUDGET, unlimited, usd25, BELOW_PRO),
        arguments(Setting.USER_DAILY_BUDGET, usd25, Optional.of(budget("25.000000")), NONE),
        arguments(Setting.USER_DAILY_BUDGET, usd25, unlimited, NONE),
        arguments(Setting.USER_DAILY_BUDGET, ABSENT, unlimited, NONE),
        arguments(Setting.USER_DAILY_BUDGET, usd25, ABSENT, NONE),
        arguments(Setting.MAX_CONCURRENT_RUNS, ABSENT, Optional.of(20), BELOW_PRO),
        arguments(Setting.MAX_CONCURRENT_RUNS, ABSENT, Optional.of(0), BELOW_PRO),
        arguments(Setting.MAX_CONCURRENT_RUNS, ABSENT, Optional.of(2), BELOW_PRO),
        arguments(Setting.MAX_CONCURRENT_RUNS, Optional.of(20), Optional.of(21), BELOW_PRO),
        arguments(Setting.MAX_CONCURRENT_RUNS, Optional.of(3), Optional.of(20), BELOW_PRO),
        arguments(Setting.MAX_CONCURRENT_RUNS, Optional.of(20), Optional.of(20), NONE),
        arguments(Setting.MAX_CONCURRENT_RUNS, Optional.of(20), Optional.of(3), NONE),
        arguments(Setting.MAX_CONCURRENT_RUNS, ABSENT, Optional.of(3), NONE),
        arguments(Setting.MAX_CONCURRENT_RUNS, Optional.of(20), ABSENT, NONE));
  }

  @ParameterizedTest(name = "{0} from {1} to {2} is refused on {3}")
  @MethodSource("changes")
  void aChangeIsJudgedByThePlan(
      Setting setting, Optional<?> before, Optional<?> after, Set<Plan> refusing) {
    assertThat(Plan.values())
        .filteredOn(plan -> PlanGate.judgeChange(plan, setting, before, after).isPresent())
        .containsExactlyElementsOf(refusing);
  }

  static Stream<Arguments> killSwitches() {
    return Stream.of(
        arguments(false, true, BELOW_SCALE),
        arguments(true, true, NONE),
        arguments(true, false, NONE),
        arguments(false, false, NONE));
  }

  @ParameterizedTest(name = "from {0} to {1} is refused on {2}")
  @MethodSource("killSwitches")
  void enablingTheKillSwitchIsJudgedByThePlan(boolean before, boolean after, Set<Plan> refusing) {
    assertThat(Plan.values())
        .filteredOn(plan -> PlanGate.judgeKillSwitch(plan, before, after).isPresent())
        .containsExactlyElementsOf(refusing);
  }

  @Test
  void aManifestIsToldEveryFieldThatItsPlanDoesNotAllow() {
    List<PlanRefusal> refusals =
        PlanGate.judgeManifest(DeclaredSettings.NONE, everythingSet(BASIC));
    assertThat(refusals)
        .containsExactly(
            new PlanRefusal("userDailyBudgetUsd", "user_daily_budget_usd", BASIC, PRO),
            new PlanRefusal("maxConcurrentRuns", "max_concurrent_runs", BASIC, PRO),
            new PlanRefusal("killSwitch", "kill_switch", BASIC, SCALE));
    assertThat(refusals.getLast().sentence())
        .isEqualTo(
            "spec.killSwitch needs plan Scale or higher, and this workspace's plan is Basic.");
  }

  @Test
  void proLacksOnlyTheKillSwitch() {
    assertThat(PlanGate.judgeManifest(DeclaredSettings.NONE, everythingSet(PRO)))
        .containsExactly(new PlanRefusal("killSwitch", "kill_switch", PRO, SCALE));
  }

  @ParameterizedTest
  @EnumSource(
      value = Plan.class,
      names = {"SCALE", "ENTERPRISE"})
  void scaleAndEnterpriseAllowEverything(Plan plan) {
    assertThat(PlanGate.judgeManifest(DeclaredSettings.NONE, everythingSet(plan))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Plan.class)
  void aDowngradeThatChangesNothingElseIsNeverRefused(Plan plan) {
    assertThat(PlanGate.judgeManifest(everythingSet(ENTERPRISE), everythingSet(plan))).isEmpty();
  }

  @Test
  void thePlanThatCountsIsTheOneAskedFor() {
    DeclaredSettings onBasic =
        new DeclaredSettings(BASIC, SettingValues.NONE, Optional.empty(), Optional.empty());
    assertThat(PlanGate.judgeManifest(onBasic, everythingSet(SCALE))).isEmpty();
  }

  private static DeclaredSettings everythingSet(Plan plan) {
    SettingValues values =
        TestSettings.values(
            Optional.of("A"),
            Optional.of(budget("100")),
            Optional.of(budget("25")),
            Optional.of(20));
    return new DeclaredSettings(plan, values, Optional.of(true), Optional.of("a reason"));
  }

  private static Budget budget(String usd) {
    return Budget.ofUsd(new BigDecimal(usd));
  }
}
