package dev.workspaceoperator.auth;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Counts the failed sign-ins of each source (design.md §6, {@code TOO_MANY_REQUESTS}). It tells
 * only how a failure is answered; a good credential is never asked here.
 *
 * <p>Of the sources, those that failed last are remembered; each costs less than a KiB.
 */
final class FailedAttempts {
  /** Failures of one source within {@link #WINDOW} that are told as such. */
  static final int LIMIT = 100;

  static final Duration WINDOW = Duration.ofMinutes(1);
  static final int MAX_SOURCES = 4_096;

  private final LongSupplier nanos;
  private final Map<String, Failures> sources =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
          return size() > MAX_SOURCES;
        }
      };

  FailedAttempts(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Counts one failure.
   *
   * @return for how long this source is over the limit; empty if this failure is within it
   */
  synchronized Optional<Duration> count(String source) {
    long now = nanos.getAsLong();
    return sources.computeIfAbsent(SourceAddress.of(source), s -> new Failures()).add(now);
  }

  synchronized int size() {
    return sources.size();
  }

  /** When the last failures of one source were, the oldest overwritten first. */
  private static final class Failures {
    private final long[] times = new long[LIMIT];
    private int count;
    private int next;

    Optional<Duration> add(long now) {
      Optional<Duration> remaining = remaining(now);
      if (remaining.isEmpty()) {
        times[next] = now;
        next = (next + 1) % LIMIT;
        count = Math.min(count + 1, LIMIT);
      }
      return remaining;
    }

    /** Until the oldest of {@link #LIMIT} failures leaves the window. */
    Optional<Duration> remaining(long now) {
      if (count < LIMIT) {
        return Optional.empty();
      }
      long left = times[next] + WINDOW.toNanos() - now;
      return left > 0 ? Optional.of(Duration.ofNanos(left)) : Optional.empty();
    }
  }
}
