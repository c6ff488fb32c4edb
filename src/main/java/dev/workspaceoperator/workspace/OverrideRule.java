package dev.workspaceoperator.workspace;

import dev.workspaceoperator.workspace.StoredWorkspace.State;
import java.util.List;
import java.util.Optional;

/**
 * May this override be made? The plan judges it as a change of what is in force beneath overrides
 * (design.md §4, break glass).
 */
public final class OverrideRule {
  private OverrideRule() {}

  /**
   * Judges an override.
   *
   * @param setting a budget or the run cap
   * @param value as {@link SettingsOverride#value}
   * @return why it is refused; empty if it may be made
   */
  public static Optional<Refusal> judge(
      StoredWorkspace workspace, Setting setting, long value, PlanDefaults defaults) {
    if (workspace.state() == State.ARCHIVED) {
      return Optional.of(new Refusal.Archived());
    }
    Layers layers = workspace.layers();
    Object inForce = EffectiveSettings.beneathOverrides(layers, defaults).get(setting).value();
    return PlanGate.judgeChange(
            layers.declared().plan(),
            setting,
            Optional.of(inForce),
            Optional.of(SettingsOverride.decode(setting, value)))
        .map(refusal -> new Refusal.PlanTooLow(List.of(refusal)));
  }
}
