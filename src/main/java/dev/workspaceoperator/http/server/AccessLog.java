package dev.workspaceoperator.http.server;

import dev.workspaceoperator.trace.TraceContext;
import java.util.Optional;
import java.util.UUID;

/** Told of each request to the REST API, once it is answered. Safe for use by many threads. */
@FunctionalInterface
public interface AccessLog {
  /** Writes nothing. */
  AccessLog NONE = _ -> {};

  /** Writes one line; returns at once. */
  void write(Line line);

  /**
   * One request; never its credential.
   *
   * @param method as it was sent, or {@code other}
   * @param route the path's template, such as {@code /v1/api-keys/{id}}, or {@code unmatched}
   * @param status of the answer
   * @param code the problem's code; empty for a good answer
   * @param millis from its first byte that was looked at until its answer was sent
   * @param requestId its name
   * @param trace its place in a trace: its span, or where none is kept, that of its caller
   * @param actor who asked
   * @param workspaceId whose workspace
   * @param source the address that it came from
   */
  record Line(
      String method,
      String route,
      int status,
      String code,
      double millis,
      String requestId,
      Optional<TraceContext> trace,
      Optional<String> actor,
      Optional<UUID> workspaceId,
      String source) {}
}
