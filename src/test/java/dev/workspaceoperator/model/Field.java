package dev.workspaceoperator.model;

/**
 * A setting that a manifest and the REST API can both set. Of values, a budget is text as status
 * prints it, such as {@code 25.5} or {@code unlimited}; a cap is an Integer; a name is text.
 */
enum Field {
  NAME("name", "name", Tier.BASIC),
  DAILY("dailyBudgetUsd", "daily_budget_usd", Tier.BASIC),
  USER("userDailyBudgetUsd", "user_daily_budget_usd", Tier.PRO),
  CAP("maxConcurrentRuns", "max_concurrent_runs", Tier.PRO);

  static final String UNLIMITED = "unlimited";

  final String spec;
  final String rest;
  final Tier needs;

  Field(String spec, String rest, Tier needs) {
    this.spec = spec;
    this.rest = rest;
    this.needs = needs;
  }

  boolean isBudget() {
    return this == DAILY || this == USER;
  }

  /** Whether every plan may set this value: unlimited is to clear, and Basic runs at 3. */
  boolean isFree(Object value) {
    return switch (this) {
      case NAME, DAILY -> true;
      case USER -> value.equals(UNLIMITED);
      case CAP -> value.equals(Tier.BASIC.runs);
    };
  }

  /** Whether a plan does not let this value be set anew. */
  boolean isAbove(Tier plan, Object value) {
    return !plan.atLeast(needs) && !isFree(value);
  }
}
