package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What is in force in a workspace: for each setting a live override, else the manifest, else the
 * REST API, else the default (design.md §4.1); of one that sleeps on the workspace's plan always
 * the default (design.md §3.4).
 *
 * @param values every setting, with a value of its type
 * @param killSwitch the kill switch; its source is the strongest latch, or, while it is off, the
 *     manifest where that says so
 */
public record EffectiveSettings(
    Map<Setting, EffectiveValue<?>> values, EffectiveValue<Boolean> killSwitch) {
  public EffectiveSettings {
    for (Setting setting : Setting.values()) {
      if (!values.containsKey(setting)) {
        throw new IllegalArgumentException("nothing is in force of " + setting.restName());
      }
    }
    values = Collections.unmodifiableMap(new EnumMap<>(values));
  }

  /** What is in force at {@code now}. */
  public static EffectiveSettings resolve(Layers layers, PlanDefaults defaults, Instant now) {
    Map<Setting, EffectiveValue<?>> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      EffectiveValue<?> fallback =
          setting.fallback(defaults, layers.declared().plan(), layers.resourceName());
      values.put(setting, resolve(setting, layers, fallback, now));
    }
    return new EffectiveSettings(values, killSwitch(layers));
  }

  /** What is in force wherever no override is. */
  public static EffectiveSettings beneathOverrides(Layers layers, PlanDefaults defaults) {
    return resolve(layers.withoutOverrides(), defaults, Instant.EPOCH);
  }

  /** What is in force of this setting: a value of its type. */
  public EffectiveValue<?> get(Setting setting) {
    return Objects.requireNonNull(values.get(setting));
  }

  /** What is in force of a text. */
  public EffectiveValue<String> text(Setting setting) {
    return get(setting).as(String.class);
  }

  /** What is in force of money. */
  public EffectiveValue<Budget> budget(Setting setting) {
    return get(setting).as(Budget.class);
  }

  /** What is in force of a number. */
  public EffectiveValue<Integer> count(Setting setting) {
    return get(setting).as(Integer.class);
  }

  private static EffectiveValue<?> resolve(
      Setting setting, Layers layers, EffectiveValue<?> fallback, Instant now) {
    Optional<?> declared = layers.declared().values().get(setting);
    if (setting.sleepsOn(layers.declared().plan())) {
      return declared.equals(Optional.of(fallback.value()))
          ? EffectiveValue.of(fallback.value(), Source.DECLARED)
          : fallback;
    }
    Optional<SettingsOverride> override = layers.overrideInForce(setting, now);
    if (override.isPresent()) {
      return new EffectiveValue<>(
          override.get().decoded(), Source.OVERRIDE, Optional.of(override.get().expiresAt()));
    }
    if (declared.isPresent()) {
      return EffectiveValue.of(declared.get(), Source.DECLARED);
    }
    Optional<?> runtime = layers.runtime().get(setting);
    return runtime.isPresent() ? EffectiveValue.of(runtime.get(), Source.RUNTIME) : fallback;
  }

  private static EffectiveValue<Boolean> killSwitch(Layers layers) {
    KillSwitch killSwitch = layers.killSwitch();
    Source whereOff = layers.declared().killSwitch().isPresent() ? Source.DECLARED : Source.DEFAULT;
    return EffectiveValue.of(
        killSwitch.active(),
        killSwitch.strongest().map(latch -> latch.holder().source()).orElse(whereOff));
  }
}
