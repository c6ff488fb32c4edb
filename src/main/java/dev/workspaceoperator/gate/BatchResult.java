package dev.workspaceoperator.gate;

/** What became of a batch's transaction. */
sealed interface BatchResult {
  /** It is committed, or it had nothing to write. */
  record Committed(BatchTally tally) implements BatchResult {
    Committed() {
      this(BatchTally.NONE);
    }
  }

  /**
   * It has certainly come to nothing.
   *
   * @param cause an {@link java.sql.SQLException}, or a bug
   */
  record NotCommitted(Exception cause) implements BatchResult {}

  /**
   * Its COMMIT was sent, and the answer was lost.
   *
   * @param mark by which its outcome can be looked up
   * @param tally what it did if it is committed
   */
  record Unknown(BatchMark mark, BatchTally tally, Exception cause) implements BatchResult {}
}
