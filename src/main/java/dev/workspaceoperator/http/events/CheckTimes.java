package dev.workspaceoperator.http.events;

import java.time.Duration;

/**
 * When the credential of a stream has to be judged again. Times are those of {@link
 * System#nanoTime}.
 *
 * <p>What the authenticator knows of a credential may be half a second old: only what is judged
 * {@link #SETTLED} after a change surely minds it. Changes that come one upon the other put that
 * off for a second at most.
 */
final class CheckTimes {
  static final Duration SETTLED = Duration.ofMillis(550);
  static final Duration PATIENCE = Duration.ofSeconds(1);

  private long checkedAt;
  private long notBefore;

  /** One that was judged just now. */
  CheckTimes(long now) {
    this.checkedAt = now;
    this.notBefore = now;
  }

  /**
   * Whether it has to be judged now.
   *
   * @param changedAt when something changed last that may bear on the credential
   */
  synchronized boolean isDue(long now, long changedAt) {
    long settledAt = changedAt + SETTLED.toNanos();
    boolean minded = checkedAt - settledAt >= 0;
    boolean ripe = now - settledAt >= 0 || now - checkedAt >= PATIENCE.toNanos();
    return !minded && ripe && now - notBefore >= 0;
  }

  /** It was judged. */
  synchronized void checked(long startedAt) {
    checkedAt = startedAt;
  }

  /** It could not be judged: once more, but not at once. */
  synchronized void failed(long now) {
    notBefore = now + PATIENCE.toNanos();
  }
}
