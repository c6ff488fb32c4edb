package dev.workspaceoperator.storm;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How far a round is. Clients wait where they would be far ahead of what is to break, so that
 * everything breaks under load and in its turn.
 */
final class Course {
  private final long goal;
  private final AtomicLong admitted = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile long next;
  private volatile long limit;
  private volatile boolean over;

  Course(long goal) {
    this.goal = goal;
    this.next = Long.MAX_VALUE;
    this.limit = Long.MAX_VALUE;
  }

  /** An admission was answered. */
  void admitted() {
    long now = admitted.incrementAndGet();
    if (now == next || now == goal) {
      signal();
    }
  }

  long count() {
    return admitted.get();
  }

  /** Whether a client is to go on; waits until there is room. */
  boolean goesOn() throws InterruptedException {
    if (admitted.get() < limit) {
      return !over;
    }
    lock.lockInterruptibly();
    try {
      while (admitted.get() >= limit && !over) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
    return !over;
  }

  /**
   * Waits for so many admissions; false if that takes too long.
   *
   * @param ahead how many more there may be until the next call
   */
  boolean await(long admissions, long ahead, long seconds) throws InterruptedException {
    next = admissions;
    limit = admissions + ahead;
    long left = TimeUnit.SECONDS.toNanos(seconds);
    lock.lockInterruptibly();
    try {
      changed.signalAll();
      while (admitted.get() < admissions && !over && left > 0) {
        left = changed.awaitNanos(left);
      }
      return admitted.get() >= admissions;
    } finally {
      lock.unlock();
    }
  }

  /** Every client ends. */
  void end() {
    over = true;
    signal();
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
