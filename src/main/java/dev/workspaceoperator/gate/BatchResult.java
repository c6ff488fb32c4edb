package dev.workspaceoperator.gate;

/** What became of a batch's transaction. */
sealed interface BatchResult {
  /** It is committed, or it had nothing to write. */
  record Committed() implements BatchResult {}

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
   */
  record Unknown(BatchMark mark, Exception cause) implements BatchResult {}
}
