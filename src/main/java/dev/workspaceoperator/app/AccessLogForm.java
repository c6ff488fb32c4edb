package dev.workspaceoperator.app;

import dev.workspaceoperator.http.server.AccessLog;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;

/** Where each request to the REST API, and each question of Envoy, is told of. */
public enum AccessLogForm {
  /** Nowhere. */
  NONE,
  /** Standard output, as one JSON object a line. */
  JSON,
  /** Among the other log lines. */
  TEXT;

  /** Opens it, as one of these parts. */
  AccessLog open(Parts parts, MeterRegistry registry) {
    return switch (this) {
      case NONE -> AccessLog.NONE;
      case TEXT -> new LoggerAccessLog();
      case JSON -> parts.own(LineAccessLog.start(System.out, Clock.systemUTC(), registry));
    };
  }
}
