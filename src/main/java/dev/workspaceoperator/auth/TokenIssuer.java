package dev.workspaceoperator.auth;

import dev.workspaceoperator.workspace.Scope;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Somebody whose tokens are accepted, as configured (design.md §6, Authentication).
 *
 * @param issuer the value of {@code iss}
 * @param audiences one of them must be in {@code aud}
 * @param keys where its public keys are
 * @param defaultScopes those of a token without the scope claim
 * @param maxScopes no token has more than these
 * @param tenancy how a token tells its workspace
 */
public record TokenIssuer(
    String issuer,
    Set<String> audiences,
    KeyLocation keys,
    Set<Scope> defaultScopes,
    Set<Scope> maxScopes,
    Tenancy tenancy) {
  public TokenIssuer {
    audiences = Set.copyOf(audiences);
    defaultScopes = Set.copyOf(defaultScopes);
    maxScopes = Set.copyOf(maxScopes);
  }

  /** A name for logs and metrics that tells this issuer from all others. */
  String label() {
    return switch (tenancy) {
      case Oidc _ -> issuer;
      case Kubernetes kubernetes -> "kubernetes/" + kubernetes.cluster();
    };
  }

  /**
   * Where public keys come from.
   *
   * @param jwksUri a JSON Web Key Set (RFC 7517 §5); empty: found through {@code
   *     /.well-known/openid-configuration} of the issuer
   * @param caFile PEM certificates that alone are trusted; empty: those of the platform
   * @param tokenFile a bearer token to send, read anew each time
   * @param keepFor how long keys are used while they cannot be fetched anew
   */
  public record KeyLocation(
      Optional<URI> jwksUri, Optional<Path> caFile, Optional<Path> tokenFile, Duration keepFor) {}

  /** How a token tells its workspace. */
  public sealed interface Tenancy {}

  /**
   * By a claim. Of several names the first that a token has counts.
   *
   * @param workspaceClaim its name; none: tokens of this issuer have no workspace
   * @param holds what the claim holds
   * @param userClaim names the only user whose runs a token starts and sees; none: tokens are for
   *     every user
   * @param scopeClaim a string with spaces, or an array of such
   * @param console what the console is there; empty: nobody signs in to it by this issuer
   */
  public record Oidc(
      List<ClaimName> workspaceClaim,
      ClaimHolds holds,
      List<ClaimName> userClaim,
      List<ClaimName> scopeClaim,
      Optional<ConsoleClient> console)
      implements Tenancy {
    public Oidc {
      workspaceClaim = List.copyOf(workspaceClaim);
      userClaim = List.copyOf(userClaim);
      scopeClaim = List.copyOf(scopeClaim);
    }

    /** One by which nobody signs in to the console. */
    public Oidc(
        List<ClaimName> workspaceClaim,
        ClaimHolds holds,
        List<ClaimName> userClaim,
        List<ClaimName> scopeClaim) {
      this(workspaceClaim, holds, userClaim, scopeClaim, Optional.empty());
    }
  }

  /**
   * By the namespace of its ServiceAccount; some are of the whole installation instead.
   *
   * @param cluster the name of the cluster, as the controller there has it
   * @param fleetAccounts {@code namespace/name} of those, which have no workspace
   * @param fleetScopes what they may do
   */
  public record Kubernetes(String cluster, Set<String> fleetAccounts, Set<Scope> fleetScopes)
      implements Tenancy {
    public Kubernetes {
      fleetAccounts = Set.copyOf(fleetAccounts);
      fleetScopes = Set.copyOf(fleetScopes);
    }
  }

  /** What the workspace claim holds. */
  public enum ClaimHolds {
    /** The workspace's id. */
    ID,
    /** The workspace's slug. */
    SLUG,
    /** Either. What could be taken for both, and means two workspaces, is refused. */
    ID_OR_SLUG
  }
}
