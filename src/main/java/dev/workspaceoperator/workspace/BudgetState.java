package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Optional;

/**
 * Why a budget does not admit something, in figures.
 *
 * @param limit the cap
 * @param spent settled and charged cost
 * @param reserved highest cost of the steps that are still open
 * @param asked what was asked for; nothing for the start of a run
 * @param resetsAt when the next UTC day begins; empty for the cap of a run, which never resets
 */
public record BudgetState(
    Budget limit, MicroUsd spent, MicroUsd reserved, MicroUsd asked, Optional<Instant> resetsAt) {

  /** What is neither spent nor reserved; zero if more is. */
  public MicroUsd remaining() {
    return new MicroUsd(Math.max(0, limit.micros() - spent.micros() - reserved.micros()));
  }

  /** Whether the same could be admitted before {@link #resetsAt}, once open steps are settled. */
  public boolean fitsOnceReservationsReturn() {
    return spent.micros() < limit.micros() && asked.micros() <= limit.micros() - spent.micros();
  }
}
