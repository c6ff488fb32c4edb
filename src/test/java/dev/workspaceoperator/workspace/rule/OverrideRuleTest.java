package dev.workspaceoperator.workspace.rule;

import static dev.workspaceoperator.workspace.Plan.BASIC;
import static dev.workspaceoperator.workspace.Setting.DAILY_BUDGET;
import static dev.workspaceoperator.workspace.Setting.MAX_CONCURRENT_RUNS;
import static dev.workspaceoperator.workspace.Setting.USER_DAILY_BUDGET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.Workspaces;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OverrideRuleTest {
  private static final SettingValues KEPT =
      SettingValues.NONE
          .with(USER_DAILY_BUDGET, Optional.of(new Budget(25)))
          .with(MAX_CONCURRENT_RUNS, Optional.of(20));

  @ParameterizedTest(name = "{0} on Basic is refused: {1}")
  @CsvSource({
    "DAILY_BUDGET, false",
    "USER_DAILY_BUDGET, true",
    "MAX_CONCURRENT_RUNS, true",
  })
  void onBasicWhatNeedsAPlanIsRefusedWhateverIsKept(Setting setting, boolean refused) {
    for (SettingValues runtime : List.of(KEPT, SettingValues.NONE)) {
      StoredWorkspace workspace = Workspaces.of(State.PRESENT, BASIC, SettingValues.NONE, runtime);

      assertThat(OverrideRule.judge(workspace, setting))
          .isEqualTo(
              refused
                  ? Optional.of(
                      new Refusal.PlanTooLow(
                          List.of(
                              new PlanRefusal(
                                  setting.specName(), setting.restName(), BASIC, Plan.PRO))))
                  : Optional.empty());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PRO", "SCALE", "ENTERPRISE"})
  void everythingIsAllowedOnHigherPlansAlsoOverAManifest(Plan plan) {
    SettingValues declared = KEPT.with(DAILY_BUDGET, Optional.of(new Budget(7)));
    for (State state : List.of(State.PRESENT, State.FROZEN)) {
      StoredWorkspace workspace = Workspaces.of(state, plan, declared, SettingValues.NONE);
      assertThat(OverrideRule.judge(workspace, DAILY_BUDGET)).isEmpty();
      assertThat(OverrideRule.judge(workspace, USER_DAILY_BUDGET)).isEmpty();
      assertThat(OverrideRule.judge(workspace, MAX_CONCURRENT_RUNS)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsAllowedOnceArchived(Plan plan) {
    StoredWorkspace workspace =
        Workspaces.of(State.ARCHIVED, plan, SettingValues.NONE, SettingValues.NONE);

    assertThat(OverrideRule.judge(workspace, DAILY_BUDGET)).contains(new Refusal.Archived());
  }
}
