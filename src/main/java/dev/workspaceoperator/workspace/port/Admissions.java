package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.Step;
import java.util.UUID;

/**
 * The gate: every run and every step asks here first (design.md §6 and §7). What a method answers
 * is committed. Each call waits for its turn; it throws {@link OverloadedException} if it was not
 * decided in time, and {@link StoreUnavailableException} if the store failed: then repeating it is
 * safe with the same {@link IdempotencyKey}, or for what is idempotent by nature.
 */
public interface Admissions {
  /**
   * Admits a run. Refused in this order: NotFound (the workspace), IdempotencyKeyReused, Archived,
   * KillSwitchActive, MaxConcurrentRunsExceeded, DailyBudgetExceeded, MonthlyBudgetExceeded,
   * UserDailyBudgetExceeded.
   */
  Outcome<Created<Run>> start(RunDraft draft);

  /**
   * Admits a step and reserves its highest cost. Refused in this order: NotFound (the run),
   * IdempotencyKeyReused, Archived, KillSwitchActive, RunCancelled or RunNotRunning,
   * RunBudgetExceeded, DailyBudgetExceeded, MonthlyBudgetExceeded, UserDailyBudgetExceeded.
   */
  Outcome<Created<Step>> step(StepDraft draft);

  /**
   * Admits a call: its run and its step in one decision, or neither. Refused as {@link #start}
   * refuses the run, then as {@link #step} refuses the step.
   */
  Outcome<Created<Call>> call(CallDraft draft);

  /**
   * Books the real cost of a call as {@link #settle} does, and ends its run, in one decision. The
   * same cost again changes nothing. Refused: NotFound, StepAlreadySettled, StepClosed.
   *
   * @param call the run that is one
   * @param cost may be above the reservation
   */
  Outcome<Call> settleCall(RunRef call, MicroUsd cost, RunOutcome outcome);

  /**
   * Books the real cost of a step on the day of its reservation and gives the rest back; of a step
   * that was charged because its run had ended, corrects the charge. The same cost again changes
   * nothing. Refused: NotFound, StepAlreadySettled, StepClosed.
   *
   * @param cost may be above the reservation
   */
  Outcome<Step> settle(RunRef run, UUID stepId, MicroUsd cost);

  /** Renews the lease of a run that is running; tells what stops it. Refused: NotFound. */
  Outcome<Run> heartbeat(RunRef run);

  /**
   * Ends a run: its slot is free, its open steps are charged their reservation. The same outcome
   * again changes nothing. Refused: NotFound, RunNotRunning.
   */
  Outcome<Run> finish(RunRef run, RunOutcome outcome);

  /**
   * Ends a run as cancelled for a person; one that has ended is left as it is. Refused: NotFound,
   * Archived.
   *
   * @param reason why, at most 500 code points
   */
  Outcome<Run> cancel(RunRef run, String reason, Actor actor);
}
