package dev.workspaceoperator.app;

import dev.workspaceoperator.http.server.AccessLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** The access log among the other log lines, for people. */
final class LoggerAccessLog implements AccessLog {
  private static final Logger log = LoggerFactory.getLogger("dev.workspaceoperator.access");

  @Override
  public void write(Line line) {
    if (!log.isInfoEnabled()) {
      return;
    }
    LoggingEventBuilder event =
        log.atInfo()
            .addKeyValue("status", line.status())
            .addKeyValue("ms", line.millis())
            .addKeyValue("request_id", line.requestId())
            .addKeyValue("source", line.source());
    if (!line.code().isEmpty()) {
      event = event.addKeyValue("code", line.code());
    }
    if (line.actor().isPresent()) {
      event = event.addKeyValue("actor", line.actor().get());
    }
    if (line.trace().isPresent()) {
      event = event.addKeyValue(TraceFields.TRACE_ID, line.trace().get().traceId());
    }
    event.log("{} {}", line.method(), line.route());
  }
}
