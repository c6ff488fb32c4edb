package dev.workspaceoperator.workspace;

import java.util.List;

/**
 * Everything that was said about one workspace's settings, layer by layer.
 *
 * @param resourceName {@code metadata.name}, the default of the display name
 * @param declared what the manifest says, or what is frozen of it
 * @param runtime what the REST API set
 * @param overrides every override that has not been deleted, live or ended
 * @param killSwitch the latches that are engaged
 */
public record Layers(
    String resourceName,
    DeclaredSettings declared,
    SettingValues runtime,
    List<SettingsOverride> overrides,
    KillSwitch killSwitch) {
  public Layers {
    overrides = List.copyOf(overrides);
  }
}
