package dev.workspaceoperator.gate;

import dev.workspaceoperator.trace.TraceContext;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An operation that waits in a lane, and whoever waits for it. It has one outcome, decided once:
 * whatever comes second changes nothing. Its deadline counts while it is queued only: once
 * dispatched, its outcome is waited for.
 *
 * @param <T> what its caller gets
 */
final class Ticket<T> {
  private final Operation<T> operation;
  private final long deadlineNanos;
  private final long enteredAtNanos = System.nanoTime();
  private final Thread waiter = Thread.currentThread();
  private final Optional<TraceContext> asker =
      TraceContext.current().filter(TraceContext::isSampled);
  private final AtomicReference<State<T>> state = new AtomicReference<>(new State.Queued<>());

  /** Of the batch that is under way; for the lane's thread. */
  private @Nullable Outcome<T> decided;

  /** The last batch that had it, where that is told of; written before the outcome is. */
  private Optional<TraceContext> batch = Optional.empty();

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

  /** Whoever asks, in a trace that is kept. */
  Optional<TraceContext> asker() {
    return asker;
  }

  /** It is in this batch; for the lane's thread. */
  void inBatch(Optional<TraceContext> trace) {
    batch = trace;
  }

  /** The batch that brought the outcome which {@link #await} has given. */
  Optional<TraceContext> batch() {
    return batch;
  }

  boolean isOverdue(long nanoTime) {
    return nanoTime - deadlineNanos > 0;
  }

  /** How many nanoseconds it had waited then, as {@link System#nanoTime} tells time. */
  long waitedUntil(long nanoTime) {
    return Math.max(0, nanoTime - enteredAtNanos);
  }

  /** Whether it waits to be dispatched. */
  boolean isQueued() {
    return now() instanceof State.Queued;
  }

  /** Fails it unless it is dispatched. */
  void withdraw(RuntimeException why) {
    State<T> now = now();
    if (now instanceof State.Queued && state.compareAndSet(now, new State.Failed<>(why))) {
      LockSupport.unpark(waiter);
    }
  }

  /**
   * Dispatches and decides it, unless it was withdrawn; nobody hears of it before {@link #commit}.
   */
  void decide(Decider decider) {
    State<T> now = now();
    if (now instanceof State.Queued && state.compareAndSet(now, new State.Dispatched<>())) {
      decided = decider.decide(operation);
    }
  }

  /** Whether the batch that is under way, or was, decided it; for the lane's thread. */
  boolean isDecided() {
    return decided != null;
  }

  /** Whether that was not a refusal; for the lane's thread. */
  boolean isDone() {
    return decided instanceof Outcome.Done;
  }

  /** What was decided came to nothing: it is queued again. */
  void undo() {
    decided = null;
    State<T> now = now();
    if (now instanceof State.Dispatched) {
      state.compareAndSet(now, new State.Queued<>());
    }
  }

  /** What was decided is committed, and so its outcome for good; to be told soon. */
  void commit() {
    @Nullable Outcome<T> outcome = decided;
    State<T> now = now();
    if (outcome != null && now instanceof State.Dispatched) {
      state.compareAndSet(now, new State.Committed<>(outcome));
    }
  }

  /** Wakes the caller, if there is something to hear. */
  void tell() {
    LockSupport.unpark(waiter);
  }

  /** It came to nothing, or nobody knows; unless it is committed. */
  void fail(RuntimeException why) {
    State<T> now = now();
    while (now.isOpen() && !state.compareAndSet(now, new State.Failed<>(why))) {
      now = now();
    }
    LockSupport.unpark(waiter);
  }

  /**
   * Waits for the outcome.
   *
   * @throws StoreUnavailableException if the thread is interrupted before it is known
   */
  Outcome<T> await() {
    while (true) {
      switch (now()) {
        case State.Committed<T>(Outcome<T> outcome) -> {
          return outcome;
        }
        case State.Failed<T>(RuntimeException why) -> throw why;
        case State.Queued<T> _, State.Dispatched<T> _ -> LockSupport.park(this);
      }
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        withdraw(interrupted());
        if (now().isOpen()) {
          throw interrupted();
        }
      }
    }
  }

  private State<T> now() {
    return Objects.requireNonNull(state.get());
  }

  private static StoreUnavailableException interrupted() {
    return new StoreUnavailableException(
        "interrupted while waiting for a decision", new InterruptedException());
  }

  /** Where it is; from the open ones it goes to one of the others, once. */
  private sealed interface State<T> {
    /** Whether its outcome is still to come. */
    default boolean isOpen() {
      return this instanceof State.Queued || this instanceof State.Dispatched;
    }

    /** It waits; whoever waits for it can give it up. */
    record Queued<T>() implements State<T> {}

    /** A batch decides it. */
    record Dispatched<T>() implements State<T> {}

    /** It was decided, and that is committed. */
    record Committed<T>(Outcome<T> outcome) implements State<T> {}

    /** It came to nothing, or nobody knows. */
    record Failed<T>(RuntimeException why) implements State<T> {}
  }

  /** Decides operations. */
  interface Decider {
    /** The decision. */
    <R> Outcome<R> decide(Operation<R> operation);
  }
}
