package dev.workspaceoperator.trace;

import java.util.Optional;

/**
 * A span that nobody is told of.
 *
 * @param context the caller's, whose trace it is all the same
 */
record UntoldSpan(Optional<TraceContext> context) implements Span {
  /** In no trace. */
  static final Span NONE = new UntoldSpan(Optional.empty());

  @Override
  public Span with(Attribute attribute, String value) {
    return this;
  }

  @Override
  public Span with(Attribute attribute, long value) {
    return this;
  }

  @Override
  public void link(TraceContext other) {
    // Nobody is told.
  }

  @Override
  public void failed(String type) {
    // Nobody is told.
  }

  @Override
  public void end() {
    // Nobody is told.
  }
}
