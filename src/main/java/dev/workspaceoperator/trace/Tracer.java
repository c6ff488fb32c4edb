package dev.workspaceoperator.trace;

import java.util.List;
import java.util.Optional;

/** Begins spans. Safe for use by many threads; none of them waits for whoever collects. */
public interface Tracer {
  /** Tells nobody. */
  Tracer NONE = new Silent();

  /**
   * An answer to a caller, in his trace if he names one. Where it is not told of, the caller's
   * trace is still that of what is done.
   */
  Span serve(String name, Optional<TraceContext> caller);

  /** A part of what this thread does; told of if that is. */
  Span within(String name);

  /** Work that nobody has asked for. */
  Span begin(String name);

  /**
   * Work that was done once for many: in the trace of the first of them, with links to all. Told of
   * if there is one.
   *
   * @param causes sampled ones
   */
  Span together(String name, List<TraceContext> causes);

  /** Of a process that exports nothing. */
  final class Silent implements Tracer {
    private Silent() {}

    @Override
    public Span serve(String name, Optional<TraceContext> caller) {
      return caller.isPresent() ? new UntoldSpan(caller) : UntoldSpan.NONE;
    }

    @Override
    public Span within(String name) {
      return UntoldSpan.NONE;
    }

    @Override
    public Span begin(String name) {
      return UntoldSpan.NONE;
    }

    @Override
    public Span together(String name, List<TraceContext> causes) {
      return UntoldSpan.NONE;
    }
  }
}
