package dev.workspaceoperator.auth;

import dev.workspaceoperator.workspace.Scope;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Who asks, once it is known.
 *
 * @param actor for audit rows and the access log: {@code api-key <name>}, {@code jwt <issuer>
 *     <subject>}; never a secret
 * @param workspaceId the workspace of the credential; empty for one of the whole installation
 * @param scopes what it may do
 * @param userId the only user whose runs it starts and sees, where the issuer has a {@code
 *     userClaim}
 */
public record Principal(
    String actor, Optional<UUID> workspaceId, Set<Scope> scopes, Optional<String> userId) {
  /** Whose doing it is where it is no workspace's. */
  public static final String INSTALLATION = "the installation";

  public Principal {
    scopes = Set.copyOf(scopes);
  }
}
