package dev.workspaceoperator.auth;

import dev.workspaceoperator.workspace.Bounds;
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

  /** As long as the id of a user may be, in code points. */
  private static final int NAME_LENGTH_MAX = Bounds.USER_ID_LENGTH_MAX;

  public Principal {
    scopes = Set.copyOf(scopes);
  }

  /** Who asks, where a user is to be named and none is: a key by its name alone. */
  public String name() {
    return actor.startsWith(ActorNames.API_KEY)
        ? actor.substring(ActorNames.API_KEY.length())
        : actor.substring(
            0,
            actor.offsetByCodePoints(
                0, Math.min(NAME_LENGTH_MAX, actor.codePointCount(0, actor.length()))));
  }
}
