package dev.workspaceoperator.http.server;

import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.auth.Principal;
import dev.workspaceoperator.workspace.Scope;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Who asks, and may they? (design.md §6: 401, then scope.) */
public final class SignIn {
  private static final HeaderName API_KEY = HeaderNames.create("X-API-Key");
  private static final HeaderName WORKSPACE = HeaderNames.create("Workspace");
  private static final String CHALLENGE = "Bearer realm=\"workspace-operator\"";

  private final Authenticator authenticator;

  SignIn(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  /**
   * Who asks.
   *
   * @throws ProblemException if that cannot be told
   */
  Principal authenticate(Exchange exchange) {
    return accepted(authenticator.authenticate(attempt(exchange)));
  }

  /**
   * Who asks, once it is judged.
   *
   * @throws ProblemException if the credential is not accepted
   */
  public static Principal accepted(Authenticator.Result result) {
    return switch (result) {
      case Authenticator.Accepted accepted -> accepted.principal();
      case Authenticator.Ambiguous refused ->
          throw new ProblemException(ProblemCode.BAD_REQUEST, refused.detail());
      case Authenticator.Unauthenticated refused -> throw unauthenticated(refused);
      case Authenticator.WorkspaceRequired refused ->
          throw new ProblemException(ProblemCode.WORKSPACE_REQUIRED, refused.detail());
      case Authenticator.NoWorkspace refused ->
          throw new ProblemException(ProblemCode.NO_WORKSPACE, refused.detail());
      case Authenticator.TooManyFailures refused ->
          throw new ProblemException(
              Problem.of(
                      ProblemCode.TOO_MANY_REQUESTS,
                      "Too many sign-ins from this address have failed. Wait %s, then send a valid credential."
                          .formatted(Problem.inSeconds(refused.retryAfter())))
                  .retryAfter(refused.retryAfter()));
    };
  }

  /** What the request came with. */
  public static Authenticator.Attempt attempt(Exchange exchange) {
    return new Authenticator.Attempt(
        exchange.headers(HeaderNames.AUTHORIZATION),
        exchange.headers(API_KEY),
        exchange.header(WORKSPACE),
        exchange.source());
  }

  /**
   * Whether this caller may use this route.
   *
   * @throws ProblemException if not
   */
  static void authorize(Principal principal, Route route) {
    if (route.reach() == Route.Reach.WORKSPACE) {
      authorizeInWorkspace(principal, route.scopes());
    } else {
      authorize(principal, route.scopes());
    }
  }

  /**
   * Whether this caller may do in its workspace what takes one of these scopes.
   *
   * @throws ProblemException if not
   */
  public static void authorizeInWorkspace(Principal principal, Set<Scope> scopes) {
    if (principal.workspaceId().isEmpty()) {
      throw new ProblemException(
          ProblemCode.NO_WORKSPACE,
          "The credential is valid and belongs to no workspace. Use one of the workspace.");
    }
    authorize(principal, scopes);
  }

  private static void authorize(Principal principal, Set<Scope> scopes) {
    for (Scope scope : scopes) {
      if (principal.scopes().contains(scope)) {
        return;
      }
    }
    throw insufficient(scopes, principal.scopes());
  }

  /** 403: a caller cannot give a key what it does not have itself. */
  public static ProblemException insufficientToGive(Set<Scope> missing) {
    return new ProblemException(
        ProblemCode.INSUFFICIENT_SCOPE,
        "A key can do at most what its maker can, and this credential has not %s. Leave it out."
            .formatted(labels(missing, ", ")));
  }

  private static ProblemException insufficient(Set<Scope> needed, Set<Scope> had) {
    return new ProblemException(
        Problem.of(
                ProblemCode.INSUFFICIENT_SCOPE,
                "This needs the scope %s, and the credential has %s."
                    .formatted(labels(needed, " or "), had.isEmpty() ? "none" : labels(had, ", ")))
            .with(
                HeaderValues.create(
                    HeaderNames.WWW_AUTHENTICATE,
                    CHALLENGE
                        + ", error=\"insufficient_scope\", scope=\"%s\""
                            .formatted(labels(needed, " ")))));
  }

  private static ProblemException unauthenticated(Authenticator.Unauthenticated refused) {
    String challenge =
        refused.credentialGiven() ? CHALLENGE + ", error=\"invalid_token\"" : CHALLENGE;
    return new ProblemException(
        Problem.of(ProblemCode.UNAUTHENTICATED, refused.detail())
            .with(HeaderValues.create(HeaderNames.WWW_AUTHENTICATE, challenge)));
  }

  private static String labels(Set<Scope> scopes, String separator) {
    return new TreeSet<>(scopes).stream().map(Scope::label).collect(Collectors.joining(separator));
  }
}
