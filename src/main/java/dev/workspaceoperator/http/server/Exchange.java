package dev.workspaceoperator.http.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.auth.Principal;
import dev.workspaceoperator.workspace.Authority;
import dev.workspaceoperator.workspace.port.Actor;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One request on its way through the checks: what it asks for, and what is known of it so far. */
public final class Exchange {
  private final ServerRequest request;
  private final String requestId;
  private final String source;
  private final String path;
  private List<String> pathParameters = List.of();
  private @Nullable Principal principal;
  private @Nullable UUID namedWorkspace;
  private @Nullable JsonNode body;

  /**
   * A request as it came in.
   *
   * @param source the address that it came from
   */
  public Exchange(ServerRequest request, String requestId, String source) {
    this.request = request;
    this.requestId = requestId;
    this.source = source;
    this.path = RequestTarget.path(request.prologue().uriPath().rawPath());
  }

  public ServerRequest request() {
    return request;
  }

  /** The name of this request in logs and audit rows. */
  public String requestId() {
    return requestId;
  }

  /** The path as it was sent, without the query, and without a host before it. */
  public String path() {
    return path;
  }

  /** The path without a trailing slash. */
  public String barePath() {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  public String method() {
    return request.prologue().method().text();
  }

  /** The first value of a header. */
  public Optional<String> header(HeaderName name) {
    return request.headers().contains(name)
        ? Optional.of(request.headers().get(name).get())
        : Optional.empty();
  }

  /** Every value of a header. */
  public List<String> headers(HeaderName name) {
    return request.headers().all(name, List::of);
  }

  /** Which of these media types the client likes best; of equal ones the first. */
  public String preferred(List<String> types) {
    return MediaTypes.preferred(String.join(",", headers(HeaderNames.ACCEPT)), types)
        .orElse(types.getFirst());
  }

  /** The address that the request came from. */
  public String source() {
    return source;
  }

  /** The path has these segments where its template has {@code {…}}, in their order. */
  void pathParameters(List<String> segments) {
    this.pathParameters = List.copyOf(segments);
  }

  /** Who asks; null while that is not known. */
  public @Nullable Principal principalIfKnown() {
    return principal;
  }

  public void principal(Principal known) {
    this.principal = known;
  }

  /** Who asks. */
  public Principal principal() {
    return Objects.requireNonNull(principal);
  }

  /**
   * The workspace that is acted on: that of the credential, or the one that a path of the fleet
   * names. Routes of a workspace are not reached without one.
   */
  public UUID workspaceId() {
    return namedWorkspace != null ? namedWorkspace : principal().workspaceId().orElseThrow();
  }

  /** The same; empty while nobody knows. */
  Optional<UUID> workspaceIdIfKnown() {
    return Optional.ofNullable(namedWorkspace)
        .or(() -> Optional.ofNullable(principal).flatMap(Principal::workspaceId));
  }

  /** The only user whose runs the caller sees; empty for a caller who sees all. */
  public Optional<String> onlyUser() {
    return namedWorkspace != null ? Optional.empty() : principal().userId();
  }

  /** The first segment that stands for {@code {…}} in the path. */
  public String firstParameter() {
    return pathParameters.getFirst();
  }

  /** The installation acts on the workspace that the path's first parameter names. */
  public void actOn(UUID workspaceId) {
    namedWorkspace = workspaceId;
    pathParameters = pathParameters.subList(1, pathParameters.size());
  }

  /** Who asks, for audit rows. */
  public Actor actor() {
    return new Actor(
        principal().actor(),
        Optional.of(requestId),
        namedWorkspace == null ? Authority.WORKSPACE : Authority.INSTALLATION);
  }

  /** The JSON body of a route that takes one. */
  public JsonNode body() {
    return Objects.requireNonNull(body);
  }

  public void body(JsonNode parsed) {
    this.body = parsed;
  }

  /** Nobody will ask for it any more. */
  public void forgetBody() {
    body = null;
  }

  /**
   * A UUID in the path.
   *
   * @throws ProblemException 404 if it is none: there is no such thing then
   */
  public UUID pathId(int index, String thing) {
    String text = pathParameters.get(index);
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
  public static ProblemException notFound(String thing) {
    return new ProblemException(
        ProblemCode.NOT_FOUND,
        "There is no such %s in this workspace, or no longer. Look at its id, and whether the credential is of that workspace."
            .formatted(thing));
  }
}
