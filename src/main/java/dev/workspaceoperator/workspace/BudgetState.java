package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Optional;

/**
 * A budget against what is used of it and asked of it: the one rule (design.md §7, I3) by which
 * money admits.
 *
 * @param limit the cap
 * @param spent settled and charged cost
 * @param reserved highest cost of the steps that are still open
 * @param asked what is asked for; nothing for the start of a run
 * @param resetsAt when the next UTC day or month begins; empty for the cap of a run, which never
 *     resets
 */
public record BudgetState(
    Budget limit, MicroUsd spent, MicroUsd reserved, MicroUsd asked, Optional<Instant> resetsAt) {

  /** Whether nothing is left whatever becomes of the reservations: a budget of 0 always is. */
  public boolean isExhausted() {
    return spent.micros() >= limit.micros();
  }

  /** Whether it admits what is asked for (I3). */
  public boolean admits() {
    return !isExhausted() && asked.micros() <= limit.micros() - spent.micros() - reserved.micros();
  }

  /** What is neither spent nor reserved; zero if more is. */
  public MicroUsd remaining() {
    return new MicroUsd(Math.max(0, limit.micros() - spent.micros() - reserved.micros()));
  }

  /** Whether the same could be admitted before {@link #resetsAt}, once open steps are settled. */
  public boolean fitsOnceReservationsReturn() {
    return !isExhausted() && asked.micros() <= limit.micros() - spent.micros();
  }
}
