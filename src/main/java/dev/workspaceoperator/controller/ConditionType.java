package dev.workspaceoperator.controller;

/** The condition types of a Workspace (design.md §5), as kstatus understands the first three. */
public enum ConditionType {
  /** What the manifest asks for is in force. Always present. */
  READY("Ready"),
  /** Still at work on it. Present only while True. */
  RECONCILING("Reconciling"),
  /** Something asked for is not in force, and waiting alone will not help. Only while True. */
  STALLED("Stalled"),
  /** The kill switch is on. Only while True. */
  KILL_SWITCH_ACTIVE("KillSwitchActive"),
  /** Something accepted earlier is above the plan now. Only while True. */
  PLAN_LIMITED("PlanLimited"),
  /** Today's budget is spent. Only while True. */
  BUDGET_EXHAUSTED("BudgetExhausted"),
  /** The store has lost what status knew. Only while True, for a week. */
  HISTORY_LOST("HistoryLost");

  private final String label;

  ConditionType(String label) {
    this.label = label;
  }

  /** The name in {@code status.conditions}. */
  public String label() {
    return label;
  }
}
