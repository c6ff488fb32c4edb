package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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

  /** The same with other values in the layers that last. */
  public Layers withValues(SettingValues declaredValues, SettingValues runtimeValues) {
    return new Layers(
        resourceName, declared.withValues(declaredValues), runtimeValues, overrides, killSwitch);
  }

  /** The same with another declared layer. */
  public Layers withDeclared(DeclaredSettings other) {
    return new Layers(resourceName, other, runtime, overrides, killSwitch);
  }

  /** The same with another kill switch. */
  public Layers withKillSwitch(KillSwitch other) {
    return new Layers(resourceName, declared, runtime, overrides, other);
  }

  /** The same with other overrides. */
  public Layers withOverrides(List<SettingsOverride> others) {
    return new Layers(resourceName, declared, runtime, others, killSwitch);
  }

  /** The same as if nobody had made an override. */
  public Layers withoutOverrides() {
    return withOverrides(List.of());
  }

  /** The override of this setting that counts at {@code now}: of several live ones the newest. */
  public Optional<SettingsOverride> overrideInForce(Setting setting, Instant now) {
    // Nearly always: each request asks.
    if (overrides.isEmpty()) {
      return Optional.empty();
    }
    return overrides.stream()
        .filter(override -> override.setting() == setting && override.isLiveAt(now))
        .max(Comparator.comparing(SettingsOverride::createdAt).thenComparing(SettingsOverride::id));
  }
}
