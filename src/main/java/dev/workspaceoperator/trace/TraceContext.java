package dev.workspaceoperator.trace;

import java.util.Optional;

/**
 * A place in a trace (W3C Trace Context): that of the caller, or of a span of this process. What a
 * thread does is a part of it while it is current: lines of the log, examples of histograms and
 * comments of statements name it.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 of them
 * @param isSampled whether the trace is kept, so that it can be looked up
 */
public record TraceContext(String traceId, String spanId, boolean isSampled) {
  private static final ScopedValue<TraceContext> CURRENT = ScopedValue.newInstance();

  private static final int VERSION_END = 2;
  private static final int TRACE_END = 35;
  private static final int SPAN_END = 52;
  private static final int LENGTH = 55;
  private static final int SAMPLED = 1;
  private static final int HEX = 16;

  /**
   * Reads a header {@code traceparent}: of version 00, or what a later version begins with.
   *
   * @return empty where there is none, or it is not well-formed: then the request begins a trace
   */
  public static Optional<TraceContext> of(Optional<String> traceparent) {
    return traceparent.filter(TraceContext::isWellFormed).map(TraceContext::read);
  }

  /** The place that this thread's work is a part of; empty if it is in no trace. */
  public static Optional<TraceContext> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Does this as a part of the trace, if there is one. */
  public static <T, X extends Throwable> T during(
      Optional<TraceContext> trace, ScopedValue.CallableOp<? extends T, X> work) throws X {
    return trace.isPresent() ? ScopedValue.where(CURRENT, trace.get()).call(work) : work.call();
  }

  /** As a header {@code traceparent} has it. */
  public String traceparent() {
    return "00-" + traceId + "-" + spanId + (isSampled ? "-01" : "-00");
  }

  private static TraceContext read(String text) {
    int flags = Integer.parseInt(text, SPAN_END + 1, LENGTH, HEX);
    return new TraceContext(
        text.substring(VERSION_END + 1, TRACE_END),
        text.substring(TRACE_END + 1, SPAN_END),
        (flags & SAMPLED) != 0);
  }

  private static boolean isWellFormed(String text) {
    return text.length() >= LENGTH
        && isHex(text, 0, VERSION_END)
        && !text.startsWith("ff")
        && (text.startsWith("00") ? text.length() == LENGTH : isEndOrDash(text, LENGTH))
        && isEndOrDash(text, VERSION_END)
        && isId(text, VERSION_END + 1, TRACE_END)
        && isEndOrDash(text, TRACE_END)
        && isId(text, TRACE_END + 1, SPAN_END)
        && isEndOrDash(text, SPAN_END)
        && isHex(text, SPAN_END + 1, LENGTH);
  }

  private static boolean isEndOrDash(String text, int at) {
    return text.length() == at || text.charAt(at) == '-';
  }

  /** An id of zeros is none. */
  private static boolean isId(String text, int from, int to) {
    return isHex(text, from, to) && !text.substring(from, to).chars().allMatch(c -> c == '0');
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }
}
