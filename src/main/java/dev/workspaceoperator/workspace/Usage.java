package dev.workspaceoperator.workspace;

import java.time.LocalDate;

/**
 * What a workspace used on one UTC day of the database's clock.
 *
 * @param day the day
 * @param spent settled and charged cost
 * @param reserved cost of steps that are still open
 * @param activeRuns runs that hold a slot now
 * @param month the same of the day's calendar month, the day included
 */
public record Usage(LocalDate day, MicroUsd spent, MicroUsd reserved, int activeRuns, Month month) {
  /**
   * What was used in a calendar month (UTC).
   *
   * @param spent settled and charged cost
   * @param reserved cost of steps that are still open
   */
  public record Month(MicroUsd spent, MicroUsd reserved) {}
}
