package dev.workspaceoperator.gate;

import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.StoreUnavailableException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An operation that waits in a lane, and whoever waits for it. Its deadline counts while it is
 * queued only: once dispatched, its outcome is waited for.
 *
 * @param <T> what its caller gets
 */
final class Ticket<T> {
  private enum State {
    QUEUED,
    DISPATCHED,
    WITHDRAWN
  }

  private final Operation<T> operation;
  private final long deadlineNanos;
  private final Thread waiter = Thread.currentThread();
  private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
  private @Nullable Outcome<T> decided;
  private volatile @Nullable Outcome<T> outcome;
  private volatile @Nullable RuntimeException failure;

  /**
   * A ticket of the calling thread.
   *
   * @param deadlineNanos as {@link System#nanoTime} tells time
   */
  Ticket(Operation<T> operation, long deadlineNanos) {
    this.operation = operation;
    this.deadlineNanos = deadlineNanos;
  }

  Operation<T> operation() {
    return operation;
  }

  boolean isOverdue(long nanoTime) {
    return nanoTime - deadlineNanos > 0;
  }

  /** Takes it from the queue for good; false if it was withdrawn. */
  boolean dispatch() {
    return state.compareAndSet(State.QUEUED, State.DISPATCHED);
  }

  /** Fails it unless it is dispatched already. */
  void withdraw(RuntimeException why) {
    if (state.compareAndSet(State.QUEUED, State.WITHDRAWN)) {
      fail(why);
    }
  }

  /** Decides it; nobody hears of it before {@link #publish}. */
  void decide(Decider decider) {
    decided = decider.decide(operation);
  }

  /** Tells the caller what was decided: it is committed now. */
  void publish() {
    outcome = decided;
    LockSupport.unpark(waiter);
  }

  /** Tells the caller that it came to nothing, or that nobody knows. */
  void fail(RuntimeException why) {
    failure = why;
    LockSupport.unpark(waiter);
  }

  /**
   * Waits for the outcome.
   *
   * @throws StoreUnavailableException if the thread is interrupted before it is known
   */
  Outcome<T> await() {
    while (true) {
      @Nullable Outcome<T> done = outcome;
      if (done != null) {
        return done;
      }
      @Nullable RuntimeException failed = failure;
      if (failed != null) {
        throw failed;
      }
      LockSupport.park(this);
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        withdraw(interrupted());
        if (failure == null && outcome == null) {
          throw interrupted();
        }
      }
    }
  }

  private static StoreUnavailableException interrupted() {
    return new StoreUnavailableException(
        "interrupted while waiting for a decision", new InterruptedException());
  }

  /** Decides operations. */
  interface Decider {
    /** The decision. */
    <R> Outcome<R> decide(Operation<R> operation);
  }
}
