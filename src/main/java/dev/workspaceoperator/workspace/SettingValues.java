package dev.workspaceoperator.workspace;

import java.util.Optional;

/**
 * What one layer (declared or runtime) says of each setting; empty where it is silent. Silent is
 * not zero, and not unlimited either.
 *
 * @param name display name, 1..120 code points
 * @param dailyBudget cap of a day for the workspace
 * @param userDailyBudget cap of a day for each user
 * @param maxConcurrentRuns cap on concurrent runs, 0..1,000,000
 */
public record SettingValues(
    Optional<String> name,
    Optional<Budget> dailyBudget,
    Optional<Budget> userDailyBudget,
    Optional<Integer> maxConcurrentRuns) {
  /** A layer that says nothing. */
  public static final SettingValues NONE =
      new SettingValues(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  public SettingValues {
    maxConcurrentRuns.ifPresent(Bounds::requireRunCap);
  }

  /** What the layer says of this setting: a String, a {@link Budget} or an Integer. */
  public Optional<?> get(Setting setting) {
    return switch (setting) {
      case NAME -> name;
      case DAILY_BUDGET -> dailyBudget;
      case USER_DAILY_BUDGET -> userDailyBudget;
      case MAX_CONCURRENT_RUNS -> maxConcurrentRuns;
    };
  }

  /**
   * The same with another value of one setting.
   *
   * @param value a String, a {@link Budget} or an Integer, as the setting has it; empty for silence
   */
  public SettingValues with(Setting setting, Optional<?> value) {
    return switch (setting) {
      case NAME ->
          new SettingValues(
              value.map(String.class::cast), dailyBudget, userDailyBudget, maxConcurrentRuns);
      case DAILY_BUDGET ->
          new SettingValues(
              name, value.map(Budget.class::cast), userDailyBudget, maxConcurrentRuns);
      case USER_DAILY_BUDGET ->
          new SettingValues(name, dailyBudget, value.map(Budget.class::cast), maxConcurrentRuns);
      case MAX_CONCURRENT_RUNS ->
          new SettingValues(name, dailyBudget, userDailyBudget, value.map(Integer.class::cast));
    };
  }
}
