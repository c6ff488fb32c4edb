package dev.workspaceoperator.workspace;

import dev.workspaceoperator.workspace.rule.Standing;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Layers and what is in force of them, of those settings that most tests are about. */
public final class TestSettings {
  private TestSettings() {}

  /** A layer that says these and nothing else. */
  public static SettingValues values(
      Optional<String> name,
      Optional<Budget> dailyBudget,
      Optional<Budget> userDailyBudget,
      Optional<Integer> maxConcurrentRuns) {
    return SettingValues.NONE
        .with(Setting.NAME, name)
        .with(Setting.DAILY_BUDGET, dailyBudget)
        .with(Setting.USER_DAILY_BUDGET, userDailyBudget)
        .with(Setting.MAX_CONCURRENT_RUNS, maxConcurrentRuns);
  }

  /** What is in force, with the standard defaults of every other setting. */
  public static EffectiveSettings effective(
      Map<Setting, EffectiveValue<?>> inForce, EffectiveValue<Boolean> killSwitch) {
    Map<Setting, EffectiveValue<?>> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      values.put(setting, setting.fallback(PlanDefaults.STANDARD, Plan.ENTERPRISE, "name"));
    }
    values.putAll(inForce);
    return new EffectiveSettings(values, killSwitch);
  }

  /** What a status tells of one setting. */
  public static Standing standing(Setting setting, EffectiveValue<?> value) {
    return new Standing(Map.of(setting, value), false);
  }
}
