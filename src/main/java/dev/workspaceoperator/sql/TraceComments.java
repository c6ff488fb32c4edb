package dev.workspaceoperator.sql;

import dev.workspaceoperator.trace.TraceContext;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says in a comment of SQL, as sqlcommenter does, which trace statements are a part of: PostgreSQL
 * shows it in {@code pg_stat_activity} and in its log. A statement with a comment of its own is
 * prepared for nothing else and planned for this once, which costs as much as many that are not. So
 * only some of what is sampled has one, however much of it there is; the rest costs nothing.
 */
public final class TraceComments {
  private static final ScopedValue<String> CURRENT = ScopedValue.newInstance();

  /** After a transaction with comments none has one for so many times as long. */
  private static final int REST_PARTS = 50;

  private final long everyNanos;
  private final AtomicLong nextAtNanos = new AtomicLong(System.nanoTime());

  /**
   * Of one connection or pool.
   *
   * @param every at most one transaction in so much time has comments
   */
  public TraceComments(Duration every) {
    this.everyNanos = every.toNanos();
  }

  /** Runs statements, which name this place in a trace if it is sampled and their turn has come. */
  public <T, X extends Throwable> T during(
      Optional<TraceContext> trace, ScopedValue.CallableOp<? extends T, X> work) throws X {
    if (trace.isEmpty() || !trace.get().isSampled() || !isTurn()) {
      return work.call();
    }
    long beganAtNanos = System.nanoTime();
    try {
      return ScopedValue.where(CURRENT, comment(trace.get())).call(work);
    } finally {
      restAfter(System.nanoTime() - beganAtNanos);
    }
  }

  /** What takes long to plan is done seldom. */
  private void restAfter(long nanos) {
    long next = System.nanoTime() + nanos * REST_PARTS;
    nextAtNanos.accumulateAndGet(next, (planned, now) -> planned - now > 0 ? planned : now);
  }

  /** Whether this thread's statements have one. */
  static boolean isCurrent() {
    return CURRENT.isBound();
  }

  /**
   * Statements with the comment, each of them: before it, as what PostgreSQL shows of a long one is
   * cut off at its end.
   *
   * @param text one or more, as {@link Sql#pipeline} joins them
   */
  static String commented(String text) {
    String comment = CURRENT.get();
    return comment + text.replace(Sql.BETWEEN, Sql.BETWEEN + comment);
  }

  /** Of digits, letters and dashes alone, whoever sent them: nothing in it can end it. */
  private static String comment(TraceContext trace) {
    return "/*traceparent='" + trace.traceparent() + "'*/ ";
  }

  private boolean isTurn() {
    long now = System.nanoTime();
    long next = nextAtNanos.get();
    return now - next >= 0 && nextAtNanos.compareAndSet(next, now + everyNanos);
  }
}
