package dev.workspaceoperator.env;

import java.time.Duration;

/** A moment on the monotonic clock. */
record Deadline(long startNanos, long boundNanos) {
  static Deadline in(Duration bound) {
    return new Deadline(System.nanoTime(), bound.toNanos());
  }

  boolean passed() {
    return System.nanoTime() - startNanos >= boundNanos;
  }

  long elapsedSeconds() {
    return Duration.ofNanos(System.nanoTime() - startNanos).toSeconds();
  }
}
