package dev.workspaceoperator.http.server;

import dev.workspaceoperator.workspace.Scope;
import java.util.List;
import java.util.Set;

/**
 * What one method of one path is.
 *
 * @param verb the method
 * @param template the path, such as {@code /v1/runs/{id}/steps}; without a trailing slash
 * @param reach whose credential it takes
 * @param scopes of which the credential needs one
 * @param body what body it takes
 * @param produces the media types that its good answers can have, the usual one first; empty if
 *     they have no body
 * @param cost what its answer costs others
 * @param fleetToo whether the installation may do the same to a workspace that it names
 * @param endpoint answers
 */
public record Route(
    Verb verb,
    String template,
    Reach reach,
    Set<Scope> scopes,
    RequestBody body,
    List<String> produces,
    Cost cost,
    boolean fleetToo,
    Endpoint endpoint) {

  public Route {
    scopes = Set.copyOf(scopes);
    produces = List.copyOf(produces);
  }

  /** Whose credential a route takes. */
  public enum Reach {
    /** Anyone's, and none. */
    PUBLIC,
    /** A workspace's. */
    WORKSPACE,
    /** One of the whole installation. */
    FLEET,
    /** One of the whole installation, which acts on the workspace that the path names. */
    FLEET_ON_WORKSPACE
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
        verb,
        template,
        Reach.WORKSPACE,
        scopes,
        body,
        List.of(MediaTypes.JSON),
        Cost.IN_TURN,
        false,
        endpoint);
  }

  /** A route of the installation that needs this scope and answers JSON, in turn. */
  public static Route fleet(
      Verb verb, String template, Scope scope, RequestBody body, Endpoint endpoint) {
    return new Route(
        verb,
        template,
        Reach.FLEET,
        Set.of(scope),
        body,
        List.of(MediaTypes.JSON),
        Cost.IN_TURN,
        false,
        endpoint);
  }

  /** The same whose answer costs others something else. */
  public Route costing(Cost how) {
    return new Route(verb, template, reach, scopes, body, produces, how, fleetToo, endpoint);
  }

  /** The same with good answers that have no body. */
  public Route withoutBody() {
    return new Route(verb, template, reach, scopes, body, List.of(), cost, fleetToo, endpoint);
  }

  /** The same with good answers of these types, the usual one first. */
  public Route producing(String... types) {
    return new Route(verb, template, reach, scopes, body, List.of(types), cost, fleetToo, endpoint);
  }

  /** The same that the installation may do too, to a workspace that it names. */
  public Route forFleetToo() {
    return new Route(verb, template, reach, scopes, body, produces, cost, true, endpoint);
  }

  /**
   * The same as the installation does it to a workspace that the path names.
   *
   * @param path the path of one workspace
   * @param suffix what follows it
   */
  public Route onWorkspace(String path, String suffix, Endpoint naming) {
    return new Route(
        verb,
        path + suffix,
        Reach.FLEET_ON_WORKSPACE,
        Set.of(verb == Verb.GET ? Scope.FLEET_READ : Scope.FLEET_WRITE),
        body,
        produces,
        cost,
        false,
        naming);
  }
}
