package dev.workspaceoperator.workspace;

import static dev.workspaceoperator.workspace.Plan.BASIC;
import static dev.workspaceoperator.workspace.Setting.DAILY_BUDGET;
import static dev.workspaceoperator.workspace.Setting.MAX_CONCURRENT_RUNS;
import static dev.workspaceoperator.workspace.Setting.USER_DAILY_BUDGET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.StoredWorkspace.State;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OverrideRuleTest {
  private static final long UNLIMITED = Long.MAX_VALUE;
  private static final SettingValues KEPT =
      SettingValues.NONE
          .with(USER_DAILY_BUDGET, Optional.of(new Budget(25)))
          .with(MAX_CONCURRENT_RUNS, Optional.of(20));

  @ParameterizedTest(name = "{0} = {1} on Basic is refused: {2}")
  @CsvSource({
    "DAILY_BUDGET,        1,                   false",
    "USER_DAILY_BUDGET,   1,                   true",
    "USER_DAILY_BUDGET,   25,                  false",
    "USER_DAILY_BUDGET,   9223372036854775807, false",
    "MAX_CONCURRENT_RUNS, 3,                   false",
    "MAX_CONCURRENT_RUNS, 20,                  true",
    "MAX_CONCURRENT_RUNS, 0,                   true"
  })
  void onBasicOnlyWhatIsFreeOrEqualIsAllowed(Setting setting, long value, boolean refused) {
    StoredWorkspace workspace = Workspaces.of(State.PRESENT, BASIC, SettingValues.NONE, KEPT);

    assertThat(OverrideRule.judge(workspace, setting, value, PlanDefaults.STANDARD))
        .isEqualTo(
            refused
                ? Optional.of(
                    new Refusal.PlanTooLow(
                        List.of(
                            new PlanRefusal(
                                setting.specName(), setting.restName(), BASIC, Plan.PRO))))
                : Optional.empty());
  }

  @ParameterizedTest
  @EnumSource(names = {"PRO", "SCALE", "ENTERPRISE"})
  void everythingIsAllowedOnHigherPlansAlsoOverAManifest(Plan plan) {
    SettingValues declared = KEPT.with(DAILY_BUDGET, Optional.of(new Budget(7)));
    for (State state : List.of(State.PRESENT, State.FROZEN)) {
      StoredWorkspace workspace = Workspaces.of(state, plan, declared, SettingValues.NONE);
      assertThat(OverrideRule.judge(workspace, DAILY_BUDGET, 1, PlanDefaults.STANDARD)).isEmpty();
      assertThat(OverrideRule.judge(workspace, USER_DAILY_BUDGET, UNLIMITED, PlanDefaults.STANDARD))
          .isEmpty();
      assertThat(OverrideRule.judge(workspace, MAX_CONCURRENT_RUNS, 999, PlanDefaults.STANDARD))
          .isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsAllowedOnceArchived(Plan plan) {
    StoredWorkspace workspace =
        Workspaces.of(State.ARCHIVED, plan, SettingValues.NONE, SettingValues.NONE);

    assertThat(OverrideRule.judge(workspace, DAILY_BUDGET, 1, PlanDefaults.STANDARD))
        .contains(new Refusal.Archived());
  }
}
