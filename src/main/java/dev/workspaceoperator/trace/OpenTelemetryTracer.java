package dev.workspaceoperator.trace;

import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.Optional;

/** Spans of OpenTelemetry. What is current is ours ({@link TraceContext}), not its. */
final class OpenTelemetryTracer implements Tracer {
  /** A batch decides more; each of them names the batch, too. */
  static final int LINKS_MAX = 128;

  private final io.opentelemetry.api.trace.Tracer tracer;

  OpenTelemetryTracer(io.opentelemetry.api.trace.Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public Span serve(String name, Optional<TraceContext> caller) {
    SpanBuilder builder = tracer.spanBuilder(name).setSpanKind(SpanKind.SERVER);
    io.opentelemetry.api.trace.Span span =
        under(builder, caller.map(OpenTelemetryTracer::remote)).startSpan();
    if (!span.isRecording()) {
      return caller
          .<Span>map(
              it -> new UntoldSpan(Optional.of(new TraceContext(it.traceId(), it.spanId(), false))))
          .orElse(UntoldSpan.NONE);
    }
    return told(span);
  }

  @Override
  public Span within(String name) {
    Optional<TraceContext> current = TraceContext.current();
    return current.isPresent() && current.get().isSampled()
        ? started(tracer.spanBuilder(name), current.map(OpenTelemetryTracer::local))
        : UntoldSpan.NONE;
  }

  @Override
  public Span begin(String name) {
    return started(tracer.spanBuilder(name), Optional.empty());
  }

  @Override
  public Span together(String name, List<TraceContext> causes) {
    if (causes.isEmpty()) {
      return UntoldSpan.NONE;
    }
    SpanBuilder builder = tracer.spanBuilder(name);
    causes.stream().limit(LINKS_MAX).map(OpenTelemetryTracer::local).forEach(builder::addLink);
    return started(builder, Optional.of(local(causes.getFirst())));
  }

  private static Span started(SpanBuilder builder, Optional<SpanContext> parent) {
    io.opentelemetry.api.trace.Span span = under(builder, parent).startSpan();
    return span.isRecording() ? told(span) : UntoldSpan.NONE;
  }

  private static SpanBuilder under(SpanBuilder builder, Optional<SpanContext> parent) {
    return parent.isPresent()
        ? builder.setParent(Context.root().with(io.opentelemetry.api.trace.Span.wrap(parent.get())))
        : builder.setNoParent();
  }

  private static SpanContext remote(TraceContext place) {
    return SpanContext.createFromRemoteParent(
        place.traceId(), place.spanId(), flags(place), TraceState.getDefault());
  }

  private static SpanContext local(TraceContext place) {
    return SpanContext.create(
        place.traceId(), place.spanId(), flags(place), TraceState.getDefault());
  }

  private static TraceFlags flags(TraceContext place) {
    return place.isSampled() ? TraceFlags.getSampled() : TraceFlags.getDefault();
  }

  private static Span told(io.opentelemetry.api.trace.Span span) {
    SpanContext place = span.getSpanContext();
    return new Told(
        span,
        Optional.of(new TraceContext(place.getTraceId(), place.getSpanId(), place.isSampled())));
  }

  /** One that is exported once it ends. */
  private record Told(io.opentelemetry.api.trace.Span span, Optional<TraceContext> context)
      implements Span {
    @Override
    public Span with(Attribute attribute, String value) {
      span.setAttribute(attribute.key(), value);
      return this;
    }

    @Override
    public Span with(Attribute attribute, long value) {
      span.setAttribute(attribute.key(), value);
      return this;
    }

    @Override
    public void link(TraceContext other) {
      span.addLink(local(other));
    }

    @Override
    public void failed(String type) {
      span.setAttribute(Attribute.ERROR.key(), type);
      span.setStatus(StatusCode.ERROR);
    }

    @Override
    public void end() {
      span.end();
    }
  }
}
