package dev.workspaceoperator.http.server;

import dev.workspaceoperator.workspace.Scope;
import java.util.Set;

/**
 * What one method of one path is.
 *
 * @param verb the method
 * @param template the path, such as {@code /v1/runs/{id}/steps}; without a trailing slash
 * @param reach whose credential it takes
 * @param scopes of which the credential needs one
 * @param body what body it takes
 * @param produces the media type of its good answers; empty if they have no body
 * @param cost what its answer costs others
 * @param endpoint answers
 */
public record Route(
    Verb verb,
    String template,
    Reach reach,
    Set<Scope> scopes,
    RequestBody body,
    String produces,
    Cost cost,
    Endpoint endpoint) {

  public Route {
    scopes = Set.copyOf(scopes);
  }

  /** Whose credential a route takes. */
  public enum Reach {
    /** Anyone's, and none. */
    PUBLIC,
    /** A workspace's. */
    WORKSPACE,
    /** One of the whole installation. */
    FLEET
  }

  /** What body a route takes. */
  public enum RequestBody {
    /** None; what comes is not looked at. */
    NONE,
    /** JSON. */
    JSON,
    /** JSON; an empty body stands for {@code {}}. */
    OPTIONAL_JSON,
    /** A JSON merge patch (RFC 7396), as {@code application/merge-patch+json} too. */
    MERGE_PATCH
  }

  /** What an answer costs others, and so whether it waits for its turn (design.md §12). */
  public enum Cost {
    /** Next to nothing: it is known, or asked for together with what others ask for. */
    AT_ONCE,
    /** Statements of its own at the store: workspaces take turns. */
    IN_TURN,
    /** A kill switch: it has places and connections that nothing else can take. */
    KILL_SWITCH
  }

  /** Answers a request that has passed every check that does not depend on its resource. */
  @FunctionalInterface
  public interface Endpoint {
    /**
     * Answers.
     *
     * @throws ProblemException if the request cannot be done
     */
    Answer answer(Exchange exchange);
  }

  /** A route of a workspace that needs this scope and answers JSON, in turn. */
  public static Route workspace(
      Verb verb, String template, Scope scope, RequestBody body, Endpoint endpoint) {
    return workspace(verb, template, Set.of(scope), body, endpoint);
  }

  /** A route of a workspace that needs one of these scopes and answers JSON, in turn. */
  public static Route workspace(
      Verb verb, String template, Set<Scope> scopes, RequestBody body, Endpoint endpoint) {
    return new Route(
        verb, template, Reach.WORKSPACE, scopes, body, MediaTypes.JSON, Cost.IN_TURN, endpoint);
  }

  /** A route of the installation that needs this scope and answers JSON, in turn. */
  public static Route fleet(
      Verb verb, String template, Scope scope, RequestBody body, Endpoint endpoint) {
    return new Route(
        verb, template, Reach.FLEET, Set.of(scope), body, MediaTypes.JSON, Cost.IN_TURN, endpoint);
  }

  /** The same whose answer costs others something else. */
  public Route costing(Cost how) {
    return new Route(verb, template, reach, scopes, body, produces, how, endpoint);
  }

  /** The same with good answers that have no body. */
  public Route withoutBody() {
    return new Route(verb, template, reach, scopes, body, "", cost, endpoint);
  }
}
