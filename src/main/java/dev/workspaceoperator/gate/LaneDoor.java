package dev.workspaceoperator.gate;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Between a lane's queue and its transactions: shut while a kill switch is on its way. */
final class LaneDoor {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();
  private int pauses;

  /** Shuts it until the result is closed. */
  Pause pause() {
    lock.lock();
    try {
      pauses++;
    } finally {
      lock.unlock();
    }
    return this::open;
  }

  /** Waits while it is shut. */
  void awaitOpen() throws InterruptedException {
    lock.lock();
    try {
      while (pauses > 0) {
        opened.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void open() {
    lock.lock();
    try {
      pauses--;
      if (pauses == 0) {
        opened.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A door that is shut; to be closed once. */
  @FunctionalInterface
  interface Pause extends AutoCloseable {
    @Override
    void close();
  }
}
