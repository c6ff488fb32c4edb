package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

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
  /** When the day ends. */
  public Instant dayEnds() {
    return day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /** When the day's month ends. */
  public Instant monthEnds() {
    return day.withDayOfMonth(1).plusMonths(1).atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /**
   * What was used in a calendar month (UTC).
   *
   * @param spent settled and charged cost
   * @param reserved cost of steps that are still open
   */
  public record Month(MicroUsd spent, MicroUsd reserved) {}
}
