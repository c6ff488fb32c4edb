package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.Judgement.bad;
import static dev.workspaceoperator.auth.Judgement.good;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.auth.TokenIssuer.ClaimHolds;
import dev.workspaceoperator.auth.TokenIssuer.Kubernetes;
import dev.workspaceoperator.auth.TokenIssuer.Oidc;
import dev.workspaceoperator.workspace.Scope;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Who a token is of, by its claims, once its signature is known to be good.
 *
 * @param home where to look for its workspace
 */
record TokenIdentity(String actor, Set<Scope> scopes, Optional<String> userId, Home home) {
  private static final int CLAIM_LENGTH_MAX = 256;
  private static final String SERVICE_ACCOUNT = "system:serviceaccount:";

  TokenIdentity {
    scopes = Set.copyOf(scopes);
  }

  /** Where to look for a token's workspace. */
  sealed interface Home {}

  /** The token names none. */
  record Nowhere() implements Home {}

  /** A claim names it. */
  record Claimed(String text, ClaimHolds holds) implements Home {}

  /** It is one of this namespace. */
  record Namespace(String cluster, String name) implements Home {}

  /** Reads the claims of a token of this issuer. */
  static Judgement<TokenIdentity> of(TokenIssuer issuer, ObjectNode claims) {
    return switch (issuer.tenancy()) {
      case Oidc oidc -> ofUser(issuer, oidc, claims);
      case Kubernetes(String cluster) -> ofServiceAccount(issuer, cluster, claims);
    };
  }

  private static Judgement<TokenIdentity> ofUser(TokenIssuer issuer, Oidc oidc, ObjectNode claims) {
    Optional<String> subject = text(claims.path("sub"));
    if (subject.isEmpty()) {
      return bad("The token must name its subject: sub, a string.");
    }
    Optional<String> userId = oidc.userClaim().flatMap(name -> text(claims.path(name)));
    if (oidc.userClaim().isPresent() && userId.filter(TokenIdentity::isUserId).isEmpty()) {
      return bad(
          "The token must name its user: %s, a string of 1 to %d characters."
              .formatted(oidc.userClaim().get(), CLAIM_LENGTH_MAX));
    }
    Optional<JsonNode> workspace =
        oidc.workspaceClaim().map(claims::path).filter(claim -> !claim.isMissingNode());
    Optional<String> workspaceText = workspace.flatMap(TokenIdentity::text);
    if (workspace.isPresent() && workspaceText.isEmpty()) {
      return bad(
          "The token's claim %s must be the id or slug of one workspace, as a string."
              .formatted(oidc.workspaceClaim().orElse("")));
    }
    return good(
        new TokenIdentity(
            ActorNames.jwt(issuer.issuer(), subject.get()),
            scopes(issuer, claims.path(oidc.scopeClaim())),
            userId,
            workspaceText
                .<Home>map(text -> new Claimed(text, oidc.holds()))
                .orElse(new Nowhere())));
  }

  /** Kubernetes signs {@code sub} and the parts alike; a token where they differ is not its. */
  private static Judgement<TokenIdentity> ofServiceAccount(
      TokenIssuer issuer, String cluster, ObjectNode claims) {
    JsonNode parts = claims.path("kubernetes.io");
    Optional<String> namespace = text(parts.path("namespace"));
    Optional<String> name = text(parts.path("serviceaccount").path("name"));
    if (namespace.isEmpty()
        || name.isEmpty()
        || !claims
            .path("sub")
            .asText()
            .equals(SERVICE_ACCOUNT + namespace.get() + ":" + name.get())) {
      return bad("The token is not one that Kubernetes issues for a ServiceAccount.");
    }
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    scopes.addAll(issuer.defaultScopes());
    scopes.retainAll(issuer.maxScopes());
    return good(
        new TokenIdentity(
            ActorNames.serviceAccount(cluster, namespace.get(), name.get()),
            scopes,
            Optional.empty(),
            new Namespace(cluster, namespace.get())));
  }

  /**
   * What the token asks for, or the defaults if it says nothing, within what its issuer may give.
   */
  private static Set<Scope> scopes(TokenIssuer issuer, JsonNode claim) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    if (claim.isMissingNode()) {
      scopes.addAll(issuer.defaultScopes());
    } else {
      labels(claim).flatMap(label -> Scope.ofLabel(label).stream()).forEach(scopes::add);
    }
    scopes.retainAll(issuer.maxScopes());
    return scopes;
  }

  private static Stream<String> labels(JsonNode claim) {
    return claim.isArray()
        ? StreamSupport.stream(claim.spliterator(), false)
            .filter(JsonNode::isTextual)
            .map(JsonNode::textValue)
        : Arrays.stream(claim.isTextual() ? claim.textValue().split(" ", -1) : new String[0]);
  }

  private static Optional<String> text(JsonNode claim) {
    return Optional.ofNullable(claim.textValue()).filter(text -> !text.isBlank());
  }

  private static boolean isUserId(String text) {
    return text.codePointCount(0, text.length()) <= CLAIM_LENGTH_MAX
        && text.codePoints().noneMatch(Character::isISOControl);
  }
}
