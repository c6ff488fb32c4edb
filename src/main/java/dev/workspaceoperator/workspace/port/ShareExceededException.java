package dev.workspaceoperator.workspace.port;

import java.time.Duration;

/**
 * One tenant asked for more at once than is his share; nothing was done. Trying again is right once
 * some of what he has under way has ended (design.md §12).
 */
public final class ShareExceededException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** When to try again what is short. */
  public static final Duration RETRY = Duration.ofSeconds(1);

  private final Duration retryAfter;

  /**
   * One share is used up.
   *
   * @param message what there is too much of, fit for the caller
   */
  public ShareExceededException(String message) {
    this(message, RETRY);
  }

  /**
   * The same of what is kept for longer than a moment.
   *
   * @param retryAfter when to try again
   */
  public ShareExceededException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** When to try again. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
