package dev.workspaceoperator.http.server;

import dev.workspaceoperator.auth.Principal;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.trace.Attribute;
import dev.workspaceoperator.trace.Span;
import dev.workspaceoperator.trace.TraceContext;
import io.helidon.http.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells of each request: one line in the access log and the metrics. Never the credential. */
public final class RequestLog {
  private static final String UNMATCHED = "unmatched";

  private final AccessLog accessLog;
  private final MeterRegistry registry;
  private final Map<Series, Timer> timers = new ConcurrentHashMap<>();
  private final Map<String, Counter> problems = new ConcurrentHashMap<>();

  public RequestLog(AccessLog accessLog, MeterRegistry registry) {
    this.accessLog = accessLog;
    this.registry = registry;
    // A counter that begins with its first problem would hide that one from rate().
    for (ProblemCode code : ProblemCode.values()) {
      problems.put(code.name(), counter(code.name()));
    }
  }

  /**
   * What became of a request.
   *
   * @param match the path; null if there is none
   * @param code the problem's code; empty for a good answer
   * @param trace the request's place in a trace
   * @param principal who asked; null if that is not known
   * @param workspaceId which workspace was acted on
   * @param source the address that it came from
   */
  record LogLine(
      String method,
      Routes.@Nullable Match match,
      int status,
      String code,
      long nanos,
      String requestId,
      Optional<TraceContext> trace,
      @Nullable Principal principal,
      Optional<UUID> workspaceId,
      String source) {

    /** The path's template, so that there are few; never what was sent. */
    String route() {
      return match == null ? UNMATCHED : match.methods().template();
    }

    /** The method, of those that there are. */
    String knownMethod() {
      return RequestLog.knownMethod(method).orElse("other");
    }

    /** Says in a span what became of it, and nothing that was sent but the request's name. */
    void tell(Span span) {
      span.with(Attribute.HTTP_METHOD, RequestLog.knownMethod(method).orElse("_OTHER"))
          .with(Attribute.HTTP_STATUS, status)
          .with(Attribute.REQUEST_ID, requestId);
      if (match != null) {
        span.with(Attribute.HTTP_ROUTE, route());
      }
      workspaceId.ifPresent(id -> span.with(Attribute.WORKSPACE_ID, id.toString()));
      if (!code.isEmpty()) {
        span.with(Attribute.CODE, code);
      }
      if (status >= Status.INTERNAL_SERVER_ERROR_500.code()) {
        span.failed(code);
      }
    }
  }

  /** What a request is called: its method and its path's template. */
  static String title(String method, Routes.@Nullable Match match) {
    String known = knownMethod(method).orElse("HTTP");
    return match == null ? known : known + " " + match.methods().template();
  }

  private static Optional<String> knownMethod(String method) {
    return switch (method) {
      case "GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS" -> Optional.of(method);
      default -> Optional.empty();
    };
  }

  void record(LogLine line) {
    timers
        .computeIfAbsent(new Series(line.route(), line.knownMethod(), line.status()), this::timer)
        .record(line.nanos(), TimeUnit.NANOSECONDS);
    if (!line.code().isEmpty()) {
      problems.computeIfAbsent(line.code(), this::counter).increment();
    }
    write(line);
  }

  private void write(LogLine line) {
    accessLog.write(
        new AccessLog.Line(
            line.knownMethod(),
            line.route(),
            line.status(),
            line.code(),
            line.nanos() / 1e6,
            line.requestId(),
            line.trace(),
            Optional.ofNullable(line.principal()).map(Principal::actor),
            line.workspaceId(),
            line.source()));
  }

  private Timer timer(Series series) {
    return Metric.HTTP_REQUESTS.timer(
        registry, series.route(), series.method(), String.valueOf(series.status()));
  }

  private Counter counter(String code) {
    return Metric.HTTP_PROBLEMS.counter(registry, code);
  }

  private record Series(String route, String method, int status) {}
}
