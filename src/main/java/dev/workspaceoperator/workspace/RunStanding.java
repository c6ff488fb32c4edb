package dev.workspaceoperator.workspace;

import java.util.Optional;

/**
 * Everything that can stop a run from its next step.
 *
 * @param status where the run is in its life
 * @param state whether its workspace admits at all
 * @param killSwitch the workspace's
 * @param run its own cap, if it has one
 * @param workspace the workspace's budget of the day
 * @param month its budget of the month, if it has one
 * @param user its user's budget of the day
 */
public record RunStanding(
    RunStatus status,
    StoredWorkspace.State state,
    KillSwitch killSwitch,
    Optional<BudgetState> run,
    BudgetState workspace,
    Optional<BudgetState> month,
    BudgetState user) {

  /** What stops it, if anything does; the strongest if several do. */
  public Optional<RunBlock> blocked() {
    if (status == RunStatus.CANCELLED) {
      return Optional.of(RunBlock.RUN_CANCELLED);
    }
    if (status != RunStatus.RUNNING) {
      return Optional.of(RunBlock.RUN_NOT_RUNNING);
    }
    if (state == StoredWorkspace.State.ARCHIVED) {
      return Optional.of(RunBlock.WORKSPACE_ARCHIVED);
    }
    if (killSwitch.active()) {
      return Optional.of(RunBlock.KILL_SWITCH_ACTIVE);
    }
    if (run.filter(BudgetState::isExhausted).isPresent()) {
      return Optional.of(RunBlock.RUN_BUDGET_EXCEEDED);
    }
    if (workspace.isExhausted()) {
      return Optional.of(RunBlock.DAILY_BUDGET_EXCEEDED);
    }
    if (month.filter(BudgetState::isExhausted).isPresent()) {
      return Optional.of(RunBlock.MONTHLY_BUDGET_EXCEEDED);
    }
    return user.isExhausted() ? Optional.of(RunBlock.USER_DAILY_BUDGET_EXCEEDED) : Optional.empty();
  }
}
