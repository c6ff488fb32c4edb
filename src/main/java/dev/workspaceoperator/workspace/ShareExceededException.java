package dev.workspaceoperator.workspace;

import java.time.Duration;

/**
 * One tenant asked for more at once than is his share; nothing was done. Trying again is right once
 * some of what he has under way has ended (design.md §12).
 */
public final class ShareExceededException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final Duration RETRY = Duration.ofSeconds(1);

  /**
   * One share is used up.
   *
   * @param message what there is too much of, fit for the caller
   */
  public ShareExceededException(String message) {
    super(message);
  }

  /** When to try again. */
  public Duration retryAfter() {
    return RETRY;
  }
}
