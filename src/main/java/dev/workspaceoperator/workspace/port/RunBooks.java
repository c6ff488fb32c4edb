package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.Usage;
import java.time.LocalDate;
import java.util.Optional;
import java.util.UUID;

/**
 * Runs and daily totals, read; never staler than the call. Every method may throw {@link
 * StoreUnavailableException}.
 */
public interface RunBooks {
  /** The run, if the caller may see it. */
  Optional<Run> run(RunRef run);

  /**
   * Runs, newest first.
   *
   * @param status only those in this status
   * @param userId only those of this user
   * @throws Page.BadCursorException if the cursor is not one of this list
   */
  Page<Run> runs(
      UUID workspaceId, Optional<RunStatus> status, Optional<String> userId, Page.Request request);

  /**
   * What a workspace used on a day, and its users by their ids.
   *
   * @param day empty for the present day of the workspace
   * @param userId only this user's row
   * @param users which part of the users is wanted
   * @return empty if there is no such workspace
   */
  Optional<DayUsage> usage(
      UUID workspaceId, Optional<LocalDate> day, Optional<String> userId, Page.Request users);

  /**
   * A day's totals.
   *
   * @param usage the workspace's
   * @param dailyBudget in force now
   * @param monthlyBudget in force now
   * @param maxConcurrentRuns in force now
   * @param users by user id
   */
  record DayUsage(
      Usage usage,
      Budget dailyBudget,
      Budget monthlyBudget,
      int maxConcurrentRuns,
      Page<UserUsage> users) {}

  /** One user's totals of a day. */
  record UserUsage(String userId, MicroUsd spent, MicroUsd reserved) {}
}
