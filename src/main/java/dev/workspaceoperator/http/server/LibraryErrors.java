package dev.workspaceoperator.http.server;

import dev.workspaceoperator.http.connections.ConnectionWatch;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.DirectHandler.TransportRequest;
import io.helidon.http.DirectHandler.TransportResponse;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import java.time.Duration;
import java.util.Optional;

/** What the HTTP library answers by itself, because a request never becomes one: problems too. */
public final class LibraryErrors {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private LibraryErrors() {}

  public static DirectHandlers handlers() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (EventType type : EventType.values()) {
      handlers.addHandler(type, LibraryErrors::answer);
    }
    return handlers.build();
  }

  private static TransportResponse answer(
      TransportRequest request,
      EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    if (type == EventType.HTTP_VERSION_NOT_SUPPORTED) {
      return TransportResponse.builder()
          .status(Status.HTTP_VERSION_NOT_SUPPORTED_505)
          .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
          .keepAlive(false)
          .entity(
              "HTTP/1.0 is not spoken here. Use HTTP/1.1. In nginx that is: proxy_http_version 1.1;\n")
          .build();
    }
    String requestId = RequestIds.of(requestId(request));
    Problem problem = problem(status, type);
    TransportResponse.Builder response =
        TransportResponse.builder()
            .status(problem.status())
            .header(Answer.PROBLEM)
            .header(HeaderValues.create(ResponseWriter.REQUEST_ID, requestId))
            .keepAlive(false);
    problem.headers().forEach(response::header);
    // RFC 9110 §9.3.2: no content, whatever became of a HEAD.
    return request.method().equals("HEAD")
        ? response.build()
        : response.entity(ProblemRenderer.render(problem, path(request), requestId)).build();
  }

  private static Problem problem(Status status, EventType type) {
    return switch (status.code()) {
      case 413 ->
          Problem.of(
              ProblemCode.PAYLOAD_TOO_LARGE,
              "The body is larger than %d bytes. Send less.".formatted(RequestBodies.BYTES_MAX));
      case 501 ->
          badRequest("Of transfer codings only chunked is taken: send the body in no other.")
              .withStatus(status);
      case 414 -> badRequest("The path is too long. Shorten it, or its query.").withStatus(status);
      case 503 ->
          Problem.of(
                  ProblemCode.OVERLOADED, "The server has too much to do. Try again in a second.")
              .retryAfter(RETRY);
      default ->
          type == EventType.INTERNAL_ERROR
              ? Problem.of(
                  ProblemCode.INTERNAL_ERROR,
                  "The server has failed. Its log tells more under the request_id.")
              : badRequest(
                  "The request is not valid HTTP/1.1, or has more than %d KiB of headers: look at its first line, its Host header and the length of its body."
                      .formatted(ConnectionWatch.HEADERS_BYTES_MAX / 1024));
    };
  }

  private static Problem badRequest(String detail) {
    return Problem.of(ProblemCode.BAD_REQUEST, detail);
  }

  private static Optional<String> requestId(TransportRequest request) {
    return request.headers().first(ResponseWriter.REQUEST_ID);
  }

  private static String path(TransportRequest request) {
    String target = request.path();
    int query = target.indexOf('?');
    String path = RequestTarget.path(query < 0 ? target : target.substring(0, query));
    return path.isEmpty() ? "/" : path;
  }
}
