package dev.workspaceoperator.controller;

import java.time.Duration;

/** How much may be done: so much at once, then so much in the long run. Not thread-safe. */
final class Allowance {
  private final int most;
  private final long paceNanos;
  private long left;
  private long countedAtNanos;
  private boolean counted;

  /**
   * Full at first.
   *
   * @param most that can be saved up
   * @param pace how long it takes until there is one more
   */
  Allowance(int most, Duration pace) {
    this.most = most;
    this.paceNanos = pace.toNanos();
    this.left = most;
  }

  /**
   * Whether one may be used now.
   *
   * @param nowNanos as {@link System#nanoTime}
   */
  boolean isLeft(long nowNanos) {
    if (!counted) {
      counted = true;
      countedAtNanos = nowNanos;
    }
    long more = (nowNanos - countedAtNanos) / paceNanos;
    left = Math.min(most, left + more);
    countedAtNanos += more * paceNanos;
    return left > 0;
  }

  /** Uses one of those that are left. */
  void use() {
    if (left <= 0) {
      throw new IllegalStateException("nothing is left");
    }
    left--;
  }
}
