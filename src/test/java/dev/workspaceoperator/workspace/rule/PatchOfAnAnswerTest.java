package dev.workspaceoperator.workspace.rule;

import static dev.workspaceoperator.workspace.Setting.DAILY_BUDGET;
import static dev.workspaceoperator.workspace.Setting.MAX_CONCURRENT_RUNS;
import static dev.workspaceoperator.workspace.Setting.USER_DAILY_BUDGET;
import static dev.workspaceoperator.workspace.StoredWorkspace.State.FROZEN;
import static dev.workspaceoperator.workspace.StoredWorkspace.State.PRESENT;
import static dev.workspaceoperator.workspace.rule.PatchCells.NULL;
import static dev.workspaceoperator.workspace.rule.PatchCells.judge;
import static dev.workspaceoperator.workspace.rule.PatchCells.overridden;
import static dev.workspaceoperator.workspace.rule.PatchCells.some;
import static dev.workspaceoperator.workspace.rule.PatchCells.workspace;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.Workspaces;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What GET answers is a patch that changes nothing. */
class PatchOfAnAnswerTest {
  private static final List<Setting> LIMITS =
      List.of(DAILY_BUDGET, USER_DAILY_BUDGET, MAX_CONCURRENT_RUNS);

  /** Every plan, setting, value of both layers and of an override, also of what is frozen. */
  @ParameterizedTest
  @FieldSource("dev.workspaceoperator.workspace.rule.PatchCells#INSTALLATIONS")
  void whatGetAnsweredCanAlwaysBeSentBack(PlanDefaults defaults) {
    int cells = 0;
    for (State state : List.of(PRESENT, FROZEN)) {
      for (Plan plan : Plan.values()) {
        for (Setting setting : LIMITS) {
          for (Optional<?> declared : PatchCells.values(setting)) {
            for (Optional<?> runtime : PatchCells.values(setting)) {
              for (Optional<?> override : PatchCells.values(setting)) {
                StoredWorkspace plain = workspace(state, plan, setting, declared, runtime);
                StoredWorkspace workspace =
                    override.isEmpty()
                        ? plain
                        : overridden(plain, setting, encoded(override.get()), 60);
                assertThat(judge(workspace, shown(workspace, defaults), defaults))
                    .as("%s %s %s %s %s %s", state, plan, setting, declared, runtime, override)
                    .isEqualTo(new Judgement.Unchanged());
                cells++;
              }
            }
          }
        }
      }
    }
    assertThat(cells).isEqualTo(2 * 4 * 3 * 5 * 5 * 5);
  }

  /** The four fields as GET answers them: an unlimited budget as null. */
  private static Map<Setting, Optional<?>> shown(StoredWorkspace workspace, PlanDefaults defaults) {
    EffectiveSettings inForce =
        EffectiveSettings.resolve(workspace.layers(), defaults, Workspaces.NOW);
    Map<Setting, Optional<?>> fields = new HashMap<>();
    for (Setting setting : Setting.values()) {
      Object value = inForce.get(setting).value();
      fields.put(setting, value.equals(Budget.UNLIMITED) ? NULL : some(value));
    }
    return fields;
  }

  private static long encoded(Object value) {
    return value instanceof Budget budget ? budget.micros() : ((Integer) value).longValue();
  }
}
