package dev.workspaceoperator.http.server;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what is under way, and lets it end when the server stops. */
public final class InFlight {
  private final AtomicInteger underWay = new AtomicInteger();
  private final Semaphore idle = new Semaphore(0);
  private volatile boolean draining;

  /** Counts one more. */
  public void enter() {
    underWay.incrementAndGet();
  }

  public void leave() {
    if (underWay.decrementAndGet() == 0 && draining) {
      idle.release();
    }
  }

  /** Does not count the caller, who has entered, while this runs. */
  public void uncounted(Runnable work) {
    leave();
    try {
      work.run();
    } finally {
      underWay.incrementAndGet();
    }
  }

  public int underWay() {
    return underWay.get();
  }

  /** Whether connections are to be closed after their answer. */
  public boolean isDraining() {
    return draining;
  }

  /** From now on connections are closed after their answer. */
  public void startDraining() {
    draining = true;
  }

  /**
   * Waits until nothing is under way; {@link #startDraining} comes before.
   *
   * @return whether everything ended within this time
   */
  public boolean drain(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (long left = patience.toNanos();
          left > 0 && underWay.get() > 0;
          left = end - System.nanoTime()) {
        // What leaves for a while comes back: the count decides.
        boolean _ = idle.tryAcquire(left, TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return underWay.get() == 0;
  }
}
