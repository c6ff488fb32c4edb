package dev.workspaceoperator.workspace;

import java.util.Optional;

/**
 * What a manifest says: the declared layer.
 *
 * @param plan {@link Plan#BASIC} where the manifest names none
 * @param values the settings that the manifest declares
 * @param killSwitch whether the manifest engages the declared latch, where it says so
 * @param killSwitchReason shown to whoever is refused, at most 500 code points
 */
public record DeclaredSettings(
    Plan plan,
    SettingValues values,
    Optional<Boolean> killSwitch,
    Optional<String> killSwitchReason) {
  /** A manifest with an empty spec. */
  public static final DeclaredSettings NONE =
      new DeclaredSettings(Plan.BASIC, SettingValues.NONE, Optional.empty(), Optional.empty());

  /** The same with other values. */
  public DeclaredSettings withValues(SettingValues others) {
    return new DeclaredSettings(plan, others, killSwitch, killSwitchReason);
  }

  /** Whether it engages the declared latch; silence does not. */
  public boolean engagesKillSwitch() {
    return killSwitch.orElse(false);
  }

  /** The same with the declared latch off. */
  public DeclaredSettings released() {
    return new DeclaredSettings(plan, values, Optional.of(false), killSwitchReason);
  }
}
