package dev.workspaceoperator.controller;

import dev.workspaceoperator.workspace.Source;

/** Every reason of a condition or an event, in one place; reasons are API (design.md §5). */
public enum Reason {
  /** The manifest is in force. */
  SYNCED("Synced"),
  /** A value in the manifest is not well-formed; only where the API server did not check it. */
  INVALID_SPEC("InvalidSpec"),
  /** The resource is being deleted with {@code Delete}, and its workspace is archived. */
  ARCHIVED("Archived"),
  /** Something needs a higher plan. */
  PLAN_UPGRADE_REQUIRED("PlanUpgradeRequired"),
  /** Another workspace holds the slug. */
  SLUG_TAKEN("SlugTaken"),
  /** The workspace has another slug, and a slug is for ever. */
  SLUG_IMMUTABLE("SlugImmutable"),
  /** Another workspace holds a key of this hash. */
  API_KEY_TAKEN("ApiKeyTaken"),
  /** A receiver of notifications may not be named, or not be where it is. */
  NOTIFICATION_REFUSED("NotificationRefused"),
  /** PostgreSQL cannot be reached. */
  STORE_UNAVAILABLE("StoreUnavailable"),
  /** Something moved meanwhile; it is tried again at once. */
  CONFLICT("Conflict"),
  /** The store holds a newer generation of the resource than the API server shows. */
  SUPERSEDED("Superseded"),
  /** The program made a mistake; the log says more. */
  INTERNAL_ERROR("InternalError"),
  /** The platform latch is the strongest one that is engaged. */
  PLATFORM("Platform"),
  /** The declared latch is the strongest one that is engaged. */
  DECLARED("Declared"),
  /** The runtime latch is the only one that is engaged. */
  RUNTIME("Runtime"),
  /** The workspace's daily budget is spent. */
  DAILY_BUDGET("DailyBudget"),
  /** The budget of the month is spent. */
  MONTHLY_BUDGET("MonthlyBudget"),
  /** The store is older than what status knew, as after a backup was restored. */
  STORE_WENT_BACK("StoreWentBack"),
  /** Event: the store has lost what status knew. */
  HISTORY_LOST("HistoryLost"),
  /** Event: the kill switch went on. */
  KILL_SWITCH_ACTIVATED("KillSwitchActivated"),
  /** Event: the kill switch went off. */
  KILL_SWITCH_RELEASED("KillSwitchReleased"),
  /** Event: today's budget is spent. */
  BUDGET_EXHAUSTED("BudgetExhausted"),
  /** Event: an override came into force. */
  OVERRIDE_STARTED("OverrideStarted"),
  /** Event: an override ended. */
  OVERRIDE_ENDED("OverrideEnded");

  private final String label;

  Reason(String label) {
    this.label = label;
  }

  /** The CamelCase word that users see. */
  public String label() {
    return label;
  }

  /** The reason of {@code KillSwitchActive} for the strongest latch. */
  static Reason ofLatch(Source source) {
    return switch (source) {
      case PLATFORM -> PLATFORM;
      case DECLARED -> DECLARED;
      case RUNTIME -> RUNTIME;
      case OVERRIDE, PLAN_DEFAULT, DEFAULT ->
          throw new IllegalArgumentException(source + " holds no latch");
    };
  }
}
