package dev.workspaceoperator.trace;

import java.util.Optional;

/** A piece of work that is told of in a trace, or is not: whoever does it need not know. */
public interface Span {
  /** Its place in the trace, for what is done within it. */
  Optional<TraceContext> context();

  /** Says something of it. */
  Span with(Attribute attribute, String value);

  /** As {@link #with(Attribute, String)}. */
  Span with(Attribute attribute, long value);

  /** Names another span that has to do with it. */
  void link(TraceContext other);

  /**
   * It failed, by a fault of ours and not of whoever asked.
   *
   * @param type of few: a code, or the class of an exception
   */
  void failed(String type);

  /** It is over. */
  void end();

  /** Does this within it; end it afterwards. */
  default <T, X extends Throwable> T during(ScopedValue.CallableOp<? extends T, X> work) throws X {
    return TraceContext.during(context(), work);
  }

  /** As {@link #during}, for what gives nothing. */
  default void run(Runnable work) {
    Span _ =
        during(() -> {
          work.run();
          return this;
        });
  }
}
