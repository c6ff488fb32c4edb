package dev.workspaceoperator.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.trace.TraceContext;
import java.io.IOException;
import java.util.Optional;
import net.logstash.logback.composite.AbstractJsonProvider;

/**
 * The trace that a line of the log is a part of. Lines are written by the thread that logs, so what
 * is current then is the line's.
 */
final class TraceFields extends AbstractJsonProvider<ILoggingEvent> {
  static final String TRACE_ID = "trace_id";
  static final String SPAN_ID = "span_id";

  @Override
  public void writeTo(JsonGenerator generator, ILoggingEvent event) throws IOException {
    Optional<TraceContext> trace = TraceContext.current();
    if (trace.isPresent()) {
      generator.writeStringField(TRACE_ID, trace.get().traceId());
      generator.writeStringField(SPAN_ID, trace.get().spanId());
    }
  }
}
