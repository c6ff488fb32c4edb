package dev.workspaceoperator.gate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Between a lane's queue and its transactions: shut while kill switches are on their way. They come
 * in groups. Whoever comes while the door is shut waits for the next group, and before that begins
 * a lane that waits passes once. So a switch waits for at most the group before it and one batch,
 * and a lane for at most one group, however many switches there are.
 */
final class LaneDoor {
  /** What is slower than that, as where a row is locked by hand, keeps nobody waiting longer. */
  static final Duration LONGEST = Duration.ofMillis(500);

  private final Duration longest;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition mayPass = lock.newCondition();
  private final Condition groupBegan = lock.newCondition();
  private final List<Waiter> next = new ArrayList<>();
  private long group;
  private int inside;
  private boolean laneWaits;
  private boolean laneIsNext;

  /**
   * An open one.
   *
   * @param longest that a group keeps the lane waiting, or the group after it
   */
  LaneDoor(Duration longest) {
    this.longest = longest;
  }

  /** Shuts it until the result is closed, in turn; waits for that only so long. */
  Pause pause() {
    lock.lock();
    try {
      if (inside == 0 && !laneWaits) {
        return begin();
      }
      Waiter waiter = new Waiter();
      next.add(waiter);
      awaitGroup(waiter);
      if (waiter.isIn) {
        return member(waiter.group);
      }
      next.remove(waiter);
      return Pause.NONE;
    } finally {
      lock.unlock();
    }
  }

  /** Shuts it at once until the result is closed, whoever is before; a lane that is next passes. */
  Pause pauseNow() {
    lock.lock();
    try {
      if (inside == 0) {
        return begin();
      }
      inside++;
      return member(group);
    } finally {
      lock.unlock();
    }
  }

  /** Waits while it is shut, for the lane; what is taken after it is the batch between groups. */
  void awaitOpen() throws InterruptedException {
    lock.lock();
    try {
      if (inside == 0) {
        return;
      }
      laneWaits = true;
      long left = longest.toNanos();
      while (inside > 0 && !laneIsNext && left > 0) {
        left = mayPass.awaitNanos(left);
      }
    } finally {
      if (inside > 0 && !laneIsNext) {
        inside = 0;
        group++;
      }
      laneWaits = false;
      laneIsNext = false;
      beginNext();
      lock.unlock();
    }
  }

  /** How many wait for the next group. */
  int waiting() {
    lock.lock();
    try {
      return next.size();
    } finally {
      lock.unlock();
    }
  }

  private void awaitGroup(Waiter waiter) {
    long left = longest.toNanos();
    try {
      while (!waiter.isIn && left > 0) {
        left = groupBegan.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Pause begin() {
    group++;
    inside = 1;
    return member(group);
  }

  private void beginNext() {
    if (inside > 0 || laneWaits || next.isEmpty()) {
      return;
    }
    group++;
    inside = next.size();
    for (Waiter waiter : next) {
      waiter.isIn = true;
      waiter.group = group;
    }
    next.clear();
    groupBegan.signalAll();
  }

  private Pause member(long ofGroup) {
    return () -> leave(ofGroup);
  }

  private void leave(long ofGroup) {
    lock.lock();
    try {
      if (ofGroup != group || inside == 0) {
        return;
      }
      inside--;
      if (inside == 0 && laneWaits) {
        laneIsNext = true;
        mayPass.signal();
      }
      beginNext();
    } finally {
      lock.unlock();
    }
  }

  /** Whoever waits for the next group. */
  private static final class Waiter {
    boolean isIn;
    long group;
  }

  /** A door that is shut; to be closed once. */
  @FunctionalInterface
  interface Pause extends AutoCloseable {
    /** Of a door that was not shut. */
    Pause NONE = () -> {};

    @Override
    void close();
  }
}
