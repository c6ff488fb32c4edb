package dev.workspaceoperator.workspace;

/** The settings that both a manifest and the REST API can set, and what each needs. */
public enum Setting {
  /** Display name. */
  NAME("name", "name", Plan.BASIC),
  /** Most that the whole workspace may spend in a UTC day. */
  DAILY_BUDGET("dailyBudgetUsd", "daily_budget_usd", Plan.BASIC),
  /** Most that each user of the workspace may spend in a UTC day. */
  USER_DAILY_BUDGET("userDailyBudgetUsd", "user_daily_budget_usd", Plan.PRO),
  /** Most runs at the same time. */
  MAX_CONCURRENT_RUNS("maxConcurrentRuns", "max_concurrent_runs", Plan.PRO);

  private final String specName;
  private final String restName;
  private final Plan requiredPlan;

  Setting(String specName, String restName, Plan requiredPlan) {
    this.specName = specName;
    this.restName = restName;
    this.requiredPlan = requiredPlan;
  }

  /** The field's name in {@code spec} of a manifest. */
  public String specName() {
    return specName;
  }

  /** The field's name in the REST API, and in audit rows. */
  public String restName() {
    return restName;
  }

  /** The lowest plan that may set it. */
  public Plan requiredPlan() {
    return requiredPlan;
  }
}
