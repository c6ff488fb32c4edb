package dev.workspaceoperator.workspace;

import dev.workspaceoperator.workspace.KillLatch.Holder;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Why the rules refuse a request; each stands for one code of design.md §6. */
public sealed interface Refusal {
  /** The code that it stands for. */
  default String code() {
    return switch (this) {
      case NotFound _ -> "NOT_FOUND";
      case PreconditionFailed _ -> "PRECONDITION_FAILED";
      case ManagedDeclaratively _ -> "FIELD_MANAGED_DECLARATIVELY";
      case PlanTooLow _ -> "PLAN_UPGRADE_REQUIRED";
      case KillSwitchHeld held ->
          held.latch().holder() == Holder.PLATFORM
              ? "KILL_SWITCH_PLATFORM"
              : "KILL_SWITCH_DECLARED";
      case Archived _ -> "WORKSPACE_ARCHIVED";
      case IdempotencyKeyReused _ -> "IDEMPOTENCY_KEY_REUSED";
      case KillSwitchActive _ -> "KILL_SWITCH_ACTIVE";
      case RunNotRunning _ -> "RUN_NOT_RUNNING";
      case RunCancelled _ -> "RUN_CANCELLED";
      case MaxConcurrentRunsExceeded _ -> "MAX_CONCURRENT_RUNS_EXCEEDED";
      case RunBudgetExceeded _ -> "RUN_BUDGET_EXCEEDED";
      case DailyBudgetExceeded _ -> "DAILY_BUDGET_EXCEEDED";
      case MonthlyBudgetExceeded _ -> "MONTHLY_BUDGET_EXCEEDED";
      case UserDailyBudgetExceeded _ -> "USER_DAILY_BUDGET_EXCEEDED";
      case StepAlreadySettled _ -> "STEP_ALREADY_SETTLED";
      case StepClosed _ -> "STEP_CLOSED";
    };
  }

  /** {@code NOT_FOUND}: there is no such thing in this workspace. */
  record NotFound() implements Refusal {}

  /** {@code PRECONDITION_FAILED}: the workspace is not as the caller last saw it. */
  record PreconditionFailed() implements Refusal {}

  /**
   * {@code FIELD_MANAGED_DECLARATIVELY}: a manifest owns what was to be changed.
   *
   * @param manifest whose manifest
   * @param fields names as in the REST API; for a key {@code api_keys/<name>}
   */
  record ManagedDeclaratively(ResourceIdentity manifest, List<String> fields) implements Refusal {
    public ManagedDeclaratively {
      fields = List.copyOf(fields);
    }
  }

  /** {@code PLAN_UPGRADE_REQUIRED}, with every field that the plan does not allow. */
  record PlanTooLow(List<PlanRefusal> refusals) implements Refusal {
    public PlanTooLow {
      refusals = List.copyOf(refusals);
    }
  }

  /**
   * {@code KILL_SWITCH_DECLARED} or {@code KILL_SWITCH_PLATFORM}: the caller cannot release it.
   *
   * @param latch the strongest latch that stays engaged
   * @param others who holds it besides: what is left to release once that latch is off
   * @param manifest the workspace's identity: where a declared latch is released
   */
  record KillSwitchHeld(KillLatch latch, Set<Holder> others, ResourceIdentity manifest)
      implements Refusal {
    public KillSwitchHeld {
      others = Set.copyOf(others);
    }
  }

  /** {@code WORKSPACE_ARCHIVED}: its books stay, and nothing is changed or admitted. */
  record Archived() implements Refusal {}

  /** {@code IDEMPOTENCY_KEY_REUSED}: the key stood for another request. */
  record IdempotencyKeyReused() implements Refusal {}

  /**
   * {@code KILL_SWITCH_ACTIVE}: nothing is admitted.
   *
   * @param latch the strongest latch that is engaged
   */
  record KillSwitchActive(KillLatch latch) implements Refusal {}

  /**
   * {@code RUN_NOT_RUNNING}: the run has ended.
   *
   * @param status how
   */
  record RunNotRunning(RunStatus status) implements Refusal {}

  /** {@code RUN_CANCELLED}: the run was cancelled, and is to stop. */
  record RunCancelled() implements Refusal {}

  /**
   * {@code MAX_CONCURRENT_RUNS_EXCEEDED}: every slot is taken.
   *
   * @param limit the cap in force
   * @param active runs that hold a slot; more than the cap after it was lowered
   */
  record MaxConcurrentRunsExceeded(int limit, int active) implements Refusal {}

  /** {@code RUN_BUDGET_EXCEEDED}: the run's own cap does not admit it. */
  record RunBudgetExceeded(BudgetState budget) implements Refusal {}

  /** {@code DAILY_BUDGET_EXCEEDED}: the workspace's budget of the day does not admit it. */
  record DailyBudgetExceeded(BudgetState budget) implements Refusal {}

  /** {@code MONTHLY_BUDGET_EXCEEDED}: the workspace's budget of the month does not admit it. */
  record MonthlyBudgetExceeded(BudgetState budget) implements Refusal {}

  /** {@code USER_DAILY_BUDGET_EXCEEDED}: the user's budget of the day does not admit it. */
  record UserDailyBudgetExceeded(BudgetState budget) implements Refusal {}

  /**
   * {@code STEP_ALREADY_SETTLED}: at another cost.
   *
   * @param cost what is booked
   */
  record StepAlreadySettled(MicroUsd cost) implements Refusal {}

  /**
   * {@code STEP_CLOSED}: its run ended too long ago for its charge to be corrected.
   *
   * @param closedAt until when it could be settled
   */
  record StepClosed(Instant closedAt) implements Refusal {}
}
