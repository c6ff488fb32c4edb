package dev.workspaceoperator.metric;

import java.util.Optional;

/**
 * The caller's trace (W3C Trace Context) of what this thread does now: buckets of histograms name
 * it as an example of what they count.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 of them
 * @param isSampled whether the caller keeps the trace, so that it can be looked up
 */
public record CallerTrace(String traceId, String spanId, boolean isSampled) {
  private static final ScopedValue<CallerTrace> CURRENT = ScopedValue.newInstance();

  /** Does this as a part of the trace. */
  public static void during(CallerTrace trace, Runnable work) {
    ScopedValue.where(CURRENT, trace).run(work);
  }

  /** The trace that this thread's work is a part of; empty if its caller named none. */
  public static Optional<CallerTrace> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }
}
