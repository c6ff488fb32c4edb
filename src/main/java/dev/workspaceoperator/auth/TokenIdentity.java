package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.CredentialJudgement.bad;
import static dev.workspaceoperator.auth.CredentialJudgement.good;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.auth.TokenIssuer.ClaimHolds;
import dev.workspaceoperator.auth.TokenIssuer.Kubernetes;
import dev.workspaceoperator.auth.TokenIssuer.Oidc;
import dev.workspaceoperator.workspace.Bounds;
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
  sealed interface Home {
    /** As its issuer calls it, to tell it from others of that issuer. */
    default String label() {
      return switch (this) {
        case Nowhere _ -> Principal.INSTALLATION;
        case Claimed claimed -> claimed.text();
        case Namespace namespace -> namespace.name();
      };
    }
  }

  /** The token names none. */
  record Nowhere() implements Home {}

  /** A claim names it. */
  record Claimed(String text, ClaimHolds holds) implements Home {
    /** What is longer is neither an id nor a slug, and is not remembered whole. */
    Claimed {
      text = text.substring(0, Math.min(text.length(), Bounds.SLUG_LENGTH_MAX + 1));
    }
  }

  /** It is one of this namespace. */
  record Namespace(String cluster, String name) implements Home {}

  /** Reads the claims of a token of this issuer. */
  static CredentialJudgement<TokenIdentity> of(TokenIssuer issuer, ObjectNode claims) {
    return switch (issuer.tenancy()) {
      case Oidc oidc -> ofUser(issuer, oidc, claims);
      case Kubernetes kubernetes -> ofServiceAccount(issuer, kubernetes, claims);
    };
  }

  private static CredentialJudgement<TokenIdentity> ofUser(
      TokenIssuer issuer, Oidc oidc, ObjectNode claims) {
    Optional<String> subject =
        Optional.ofNullable(claims.path("sub").textValue()).filter(text -> !text.isBlank());
    if (subject.isEmpty()) {
      return bad("The token must name its subject: sub, a string.");
    }
    Optional<String> userId =
        ClaimName.first(oidc.userClaim(), claims).flatMap(TokenIdentity::text);
    if (!oidc.userClaim().isEmpty() && userId.filter(TokenIdentity::isUserId).isEmpty()) {
      return bad(
          "The token must name its user: %s, a string of 1 to %d characters."
              .formatted(ClaimName.describe(oidc.userClaim()), CLAIM_LENGTH_MAX));
    }
    Optional<JsonNode> workspace = ClaimName.first(oidc.workspaceClaim(), claims);
    Optional<String> workspaceText = workspace.flatMap(TokenIdentity::text);
    if (workspace.isPresent() && workspaceText.isEmpty()) {
      return bad(
          "The token's claim %s must be the id or slug of one workspace, as a string."
              .formatted(ClaimName.describe(oidc.workspaceClaim())));
    }
    return good(
        new TokenIdentity(
            ActorNames.jwt(issuer.issuer(), subject.get()),
            scopes(issuer, ClaimName.first(oidc.scopeClaim(), claims)),
            userId,
            workspaceText
                .<Home>map(text -> new Claimed(text, oidc.holds()))
                .orElse(new Nowhere())));
  }

  /** Kubernetes signs {@code sub} and the parts alike; a token where they differ is not its. */
  private static CredentialJudgement<TokenIdentity> ofServiceAccount(
      TokenIssuer issuer, Kubernetes kubernetes, ObjectNode claims) {
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
    String actor = ActorNames.serviceAccount(kubernetes.cluster(), namespace.get(), name.get());
    // Neither name can have a slash, so that no account is taken for another.
    if (kubernetes.fleetAccounts().contains(namespace.get() + "/" + name.get())) {
      return good(
          new TokenIdentity(actor, kubernetes.fleetScopes(), Optional.empty(), new Nowhere()));
    }
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    scopes.addAll(issuer.defaultScopes());
    scopes.retainAll(issuer.maxScopes());
    return good(
        new TokenIdentity(
            actor, scopes, Optional.empty(), new Namespace(kubernetes.cluster(), namespace.get())));
  }

  /**
   * What the token asks for, or the defaults if it says nothing, within what its issuer may give.
   */
  private static Set<Scope> scopes(TokenIssuer issuer, Optional<JsonNode> claim) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    if (claim.isEmpty()) {
      scopes.addAll(issuer.defaultScopes());
    } else {
      labels(claim.get()).flatMap(label -> Scope.ofLabel(label).stream()).forEach(scopes::add);
    }
    scopes.retainAll(issuer.maxScopes());
    return scopes;
  }

  /** A string with spaces between them (RFC 8693 §4.2), or an array of such. */
  private static Stream<String> labels(JsonNode claim) {
    Stream<JsonNode> texts =
        claim.isArray() ? StreamSupport.stream(claim.spliterator(), false) : Stream.of(claim);
    return texts
        .filter(JsonNode::isTextual)
        .flatMap(text -> Arrays.stream(text.textValue().split(" ", -1)));
  }

  /** One string; several providers write an array even where there is but one. */
  private static Optional<String> text(JsonNode claim) {
    JsonNode one = claim.isArray() && claim.size() == 1 ? claim.get(0) : claim;
    return Optional.ofNullable(one.textValue()).filter(text -> !text.isBlank());
  }

  private static boolean isUserId(String text) {
    return text.codePointCount(0, text.length()) <= CLAIM_LENGTH_MAX
        && text.codePoints().noneMatch(Character::isISOControl);
  }
}
