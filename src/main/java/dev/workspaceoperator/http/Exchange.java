package dev.workspaceoperator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.auth.Principal;
import dev.workspaceoperator.workspace.Actor;
import io.helidon.http.HeaderName;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One request on its way through the checks: what it asks for, and what is known of it so far. */
final class Exchange {
  private final ServerRequest request;
  private final String requestId;
  private final String source;
  private final String path;
  private Routes.@Nullable Match match;
  private @Nullable Route route;
  private @Nullable Principal principal;
  private @Nullable JsonNode body;

  /**
   * A request as it came in.
   *
   * @param source the address that it came from
   */
  Exchange(ServerRequest request, String requestId, String source) {
    this.request = request;
    this.requestId = requestId;
    this.source = source;
    this.path = RequestTarget.path(request.prologue().uriPath().rawPath());
  }

  ServerRequest request() {
    return request;
  }

  /** The name of this request in logs and audit rows. */
  String requestId() {
    return requestId;
  }

  /** The path as it was sent, without the query, and without a host before it. */
  String path() {
    return path;
  }

  /** The path without a trailing slash. */
  String barePath() {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  String method() {
    return request.prologue().method().text();
  }

  /** The first value of a header. */
  Optional<String> header(HeaderName name) {
    return request.headers().contains(name)
        ? Optional.of(request.headers().get(name).get())
        : Optional.empty();
  }

  /** Every value of a header. */
  List<String> headers(HeaderName name) {
    return request.headers().all(name, List::of);
  }

  /** The address that the request came from. */
  String source() {
    return source;
  }

  /** Which path it is; null if none that exists. */
  Routes.@Nullable Match match() {
    return match;
  }

  void match(Routes.Match found) {
    this.match = found;
  }

  /** What it asks for. */
  Route route() {
    return Objects.requireNonNull(route);
  }

  void route(Route found) {
    this.route = found;
  }

  /** Who asks; null while that is not known. */
  @Nullable Principal principalIfKnown() {
    return principal;
  }

  void principal(Principal known) {
    this.principal = known;
  }

  /** Who asks. */
  Principal principal() {
    return Objects.requireNonNull(principal);
  }

  /** The workspace of the credential; routes of a workspace are not reached without one. */
  UUID workspaceId() {
    return principal().workspaceId().orElseThrow();
  }

  /** Who asks, for audit rows. */
  Actor actor() {
    return new Actor(principal().actor(), Optional.of(requestId));
  }

  /** The JSON body of a route that takes one. */
  JsonNode body() {
    return Objects.requireNonNull(body);
  }

  void body(JsonNode parsed) {
    this.body = parsed;
  }

  /** Nobody will ask for it any more. */
  void forgetBody() {
    body = null;
  }

  /**
   * A UUID in the path.
   *
   * @throws ProblemException 404 if it is none: there is no such thing then
   */
  UUID pathId(int index, String thing) {
    String text = Objects.requireNonNull(match).parameters().get(index);
    if (text.length() == 36) {
      try {
        return UUID.fromString(text);
      } catch (IllegalArgumentException e) {
        // Not found, below.
      }
    }
    throw notFound(thing);
  }

  /** 404 for a thing of this workspace. */
  static ProblemException notFound(String thing) {
    return new ProblemException(
        ProblemCode.NOT_FOUND,
        "There is no such %s in this workspace, or no longer.".formatted(thing));
  }
}
