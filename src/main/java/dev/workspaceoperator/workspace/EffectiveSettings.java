package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Optional;

/**
 * What is in force in a workspace: for each setting a live override, else the manifest, else the
 * REST API, else the installation's default (design.md §4.1); on Basic the run cap is always 3
 * (design.md §3.4).
 *
 * @param name display name
 * @param dailyBudget cap of a day for the workspace
 * @param userDailyBudget cap of a day for each user
 * @param maxConcurrentRuns cap on concurrent runs
 * @param killSwitch the kill switch; its source is the strongest latch, or, while it is off, the
 *     manifest where that says so
 */
public record EffectiveSettings(
    EffectiveValue<String> name,
    EffectiveValue<Budget> dailyBudget,
    EffectiveValue<Budget> userDailyBudget,
    EffectiveValue<Integer> maxConcurrentRuns,
    EffectiveValue<Boolean> killSwitch) {

  /** What is in force at {@code now}. */
  public static EffectiveSettings resolve(Layers layers, PlanDefaults defaults, Instant now) {
    return new EffectiveSettings(
        beneathOverrides(layers, Setting.NAME, layers.resourceName(), Source.DEFAULT, String.class),
        budget(layers, Setting.DAILY_BUDGET, defaults.dailyBudget(), now),
        budget(layers, Setting.USER_DAILY_BUDGET, defaults.userDailyBudget(), now),
        maxConcurrentRuns(layers, defaults, now),
        killSwitch(layers));
  }

  /** What is in force wherever no override is. */
  public static EffectiveSettings beneathOverrides(Layers layers, PlanDefaults defaults) {
    return resolve(layers.withoutOverrides(), defaults, Instant.EPOCH);
  }

  /** What is in force of this setting: a String, a {@link Budget} or an Integer. */
  public EffectiveValue<?> get(Setting setting) {
    return switch (setting) {
      case NAME -> name;
      case DAILY_BUDGET -> dailyBudget;
      case USER_DAILY_BUDGET -> userDailyBudget;
      case MAX_CONCURRENT_RUNS -> maxConcurrentRuns;
    };
  }

  private static EffectiveValue<Budget> budget(
      Layers layers, Setting setting, Budget fallback, Instant now) {
    return override(layers, setting, now, Budget.class)
        .orElseGet(() -> beneathOverrides(layers, setting, fallback, Source.DEFAULT, Budget.class));
  }

  private static EffectiveValue<Integer> maxConcurrentRuns(
      Layers layers, PlanDefaults defaults, Instant now) {
    Plan plan = layers.declared().plan();
    int planDefault = defaults.maxConcurrentRuns(plan);
    if (plan == Plan.BASIC) {
      return layers.declared().values().maxConcurrentRuns().equals(Optional.of(planDefault))
          ? EffectiveValue.of(planDefault, Source.DECLARED)
          : EffectiveValue.of(planDefault, Source.PLAN_DEFAULT);
    }
    return override(layers, Setting.MAX_CONCURRENT_RUNS, now, Integer.class)
        .orElseGet(() ->
            beneathOverrides(
                layers,
                Setting.MAX_CONCURRENT_RUNS,
                planDefault,
                Source.PLAN_DEFAULT,
                Integer.class));
  }

  private static EffectiveValue<Boolean> killSwitch(Layers layers) {
    KillSwitch killSwitch = layers.killSwitch();
    Source whereOff = layers.declared().killSwitch().isPresent() ? Source.DECLARED : Source.DEFAULT;
    return EffectiveValue.of(
        killSwitch.active(),
        killSwitch.strongest().map(latch -> latch.holder().source()).orElse(whereOff));
  }

  private static <T> Optional<EffectiveValue<T>> override(
      Layers layers, Setting setting, Instant now, Class<T> type) {
    return layers
        .overrideInForce(setting, now)
        .map(override ->
            new EffectiveValue<>(
                type.cast(override.decoded()), Source.OVERRIDE, Optional.of(override.expiresAt())));
  }

  private static <T> EffectiveValue<T> beneathOverrides(
      Layers layers, Setting setting, T fallback, Source fallbackSource, Class<T> type) {
    Optional<?> declared = layers.declared().values().get(setting);
    if (declared.isPresent()) {
      return EffectiveValue.of(type.cast(declared.get()), Source.DECLARED);
    }
    Optional<?> runtime = layers.runtime().get(setting);
    if (runtime.isPresent()) {
      return EffectiveValue.of(type.cast(runtime.get()), Source.RUNTIME);
    }
    return EffectiveValue.of(fallback, fallbackSource);
  }
}
