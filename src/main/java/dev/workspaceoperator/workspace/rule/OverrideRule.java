package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import java.util.List;
import java.util.Optional;

/**
 * May this override be made? Of a setting that needs a plan only on that plan, whatever the value
 * (design.md §4.4).
 */
public final class OverrideRule {
  private OverrideRule() {}

  /**
   * Judges an override.
   *
   * @param setting one that {@link Setting#isOverridable}
   * @return why it is refused; empty if it may be made
   */
  public static Optional<Refusal> judge(StoredWorkspace workspace, Setting setting) {
    if (workspace.state() == State.ARCHIVED) {
      return Optional.of(new Refusal.Archived());
    }
    return PlanGate.judgeOverride(workspace.layers().declared().plan(), setting)
        .map(refusal -> new Refusal.PlanTooLow(List.of(refusal)));
  }
}
