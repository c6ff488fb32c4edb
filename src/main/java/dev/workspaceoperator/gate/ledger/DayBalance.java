package dev.workspaceoperator.gate.ledger;

/**
 * What was spent and is reserved on one UTC day, by a workspace, a user or a run: amounts as the
 * store has them, and what this batch adds.
 */
public final class DayBalance {
  private final boolean known;
  private long spent;
  private long reserved;
  private long spentChange;
  private long reservedChange;

  private DayBalance(boolean known, long spentMicroUsd, long reservedMicroUsd) {
    this.known = known;
    this.spent = spentMicroUsd;
    this.reserved = reservedMicroUsd;
  }

  /** With the amounts that the store has, in micro-USD. */
  public static DayBalance of(long spentMicroUsd, long reservedMicroUsd) {
    return new DayBalance(true, spentMicroUsd, reservedMicroUsd);
  }

  /** With nothing in it. */
  public static DayBalance empty() {
    return of(0, 0);
  }

  /** Of a day on whose amounts no decision depends: only what is added to them is known. */
  public static DayBalance unread() {
    return new DayBalance(false, 0, 0);
  }

  /**
   * Moves both amounts; either may be negative.
   *
   * @throws IllegalStateException if less than nothing would be left: then the books are wrong, and
   *     nothing is written to them
   */
  public void add(long spentMicroUsd, long reservedMicroUsd) {
    spent = Math.addExact(spent, spentMicroUsd);
    reserved = Math.addExact(reserved, reservedMicroUsd);
    if (known && (spent < 0 || reserved < 0)) {
      throw new IllegalStateException(
          "the books would have spent %d and reserved %d micro-USD".formatted(spent, reserved));
    }
    spentChange = Math.addExact(spentChange, spentMicroUsd);
    reservedChange = Math.addExact(reservedChange, reservedMicroUsd);
  }

  public long spent() {
    return spent;
  }

  public long reserved() {
    return reserved;
  }

  public long spentChange() {
    return spentChange;
  }

  public long reservedChange() {
    return reservedChange;
  }

  /** Whether there is something to write. */
  public boolean isChanged() {
    return spentChange != 0 || reservedChange != 0;
  }
}
