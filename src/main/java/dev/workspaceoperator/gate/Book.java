package dev.workspaceoperator.gate;

/**
 * What was spent and is reserved on one UTC day, by a workspace, a user or a run: amounts as the
 * store has them, and what this batch adds.
 */
final class Book {
  private final boolean stored;
  private long spent;
  private long reserved;
  private long spentChange;
  private long reservedChange;

  private Book(boolean stored, long spent, long reserved) {
    this.stored = stored;
    this.spent = spent;
    this.reserved = reserved;
  }

  /** One that the store has, in micro-USD. */
  static Book stored(long spentMicroUsd, long reservedMicroUsd) {
    return new Book(true, spentMicroUsd, reservedMicroUsd);
  }

  /** One that the store has, and whose amounts bear on no decision: only changes are kept. */
  static Book closed() {
    return new Book(true, 0, 0);
  }

  /** One that the store does not have yet. */
  static Book empty() {
    return new Book(false, 0, 0);
  }

  /** Moves both amounts; either may be negative. */
  void add(long spentMicroUsd, long reservedMicroUsd) {
    spent = Math.addExact(spent, spentMicroUsd);
    reserved = Math.addExact(reserved, reservedMicroUsd);
    spentChange = Math.addExact(spentChange, spentMicroUsd);
    reservedChange = Math.addExact(reservedChange, reservedMicroUsd);
  }

  long spent() {
    return spent;
  }

  long reserved() {
    return reserved;
  }

  long spentChange() {
    return spentChange;
  }

  long reservedChange() {
    return reservedChange;
  }

  /** Whether the store has a row of it. */
  boolean isStored() {
    return stored;
  }

  /** Whether there is something to write. */
  boolean isChanged() {
    return spentChange != 0 || reservedChange != 0;
  }
}
