package dev.workspaceoperator.controller;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Since when the store does not answer, as this process has seen it. A short pause is not reported
 * in status: it would rewrite every Workspace twice for nothing.
 */
public final class StoreHealth {
  /** How long the store must be silent before a Workspace says so (design.md §5). */
  public static final Duration REPORTED_AFTER = Duration.ofSeconds(10);

  private static final Duration TRY_EVERY = Duration.ofSeconds(1);
  private static final long UP = Long.MIN_VALUE;

  private final LongSupplier nanoClock;
  private final AtomicLong downSinceNanos = new AtomicLong(UP);
  private final AtomicLong triedAtNanos = new AtomicLong();

  /** Takes the store to answer until it is told otherwise. */
  public StoreHealth() {
    this(System::nanoTime);
  }

  /**
   * The same with another clock.
   *
   * @param nanoClock as {@link System#nanoTime}
   */
  StoreHealth(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** The store answered. */
  public void answered() {
    if (downSinceNanos.get() != UP) {
      downSinceNanos.set(UP);
    }
  }

  /** The store did not answer. */
  public void failed() {
    triedAtNanos.set(nanoClock.getAsLong());
    downSinceNanos.compareAndSet(UP, nanoClock.getAsLong());
  }

  /**
   * Whether to ask the store: always while it answers, else one caller a second, so that thousands
   * of reconciliations do not each wait for a connection that cannot be made.
   */
  public boolean mayTry() {
    if (downSinceNanos.get() == UP) {
      return true;
    }
    long triedAt = triedAtNanos.get();
    long now = nanoClock.getAsLong();
    return now - triedAt >= TRY_EVERY.toNanos() && triedAtNanos.compareAndSet(triedAt, now);
  }

  /** How long it has been silent; empty while it answers. */
  public Optional<Duration> downFor() {
    long since = downSinceNanos.get();
    return since == UP
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(nanoClock.getAsLong() - since));
  }

  /** Whether it has been silent for so long that Workspaces say so. */
  public boolean isReported() {
    return downFor().filter(down -> down.compareTo(REPORTED_AFTER) >= 0).isPresent();
  }
}
