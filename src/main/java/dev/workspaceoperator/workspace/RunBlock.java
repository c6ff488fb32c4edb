package dev.workspaceoperator.workspace;

/** What stops a run from its next step; the names are codes of design.md §6, strongest first. */
public enum RunBlock {
  /** A person, or its own client, cancelled it. */
  RUN_CANCELLED,
  /** It has ended. */
  RUN_NOT_RUNNING,
  /** Its workspace admits nothing any more. */
  WORKSPACE_ARCHIVED,
  /** The kill switch is on. */
  KILL_SWITCH_ACTIVE,
  /** It has spent its own cap. */
  RUN_BUDGET_EXCEEDED,
  /** The workspace has spent its budget of the day. */
  DAILY_BUDGET_EXCEEDED,
  /** The workspace has spent its budget of the month. */
  MONTHLY_BUDGET_EXCEEDED,
  /** Its user has spent the budget of the day. */
  USER_DAILY_BUDGET_EXCEEDED
}
