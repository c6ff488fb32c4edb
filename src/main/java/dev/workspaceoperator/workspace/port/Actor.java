package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.Authority;
import java.util.Optional;

/**
 * Who asks for a change, for its audit row.
 *
 * @param name {@code api-key <name>}, {@code jwt <issuer> <subject>} …; never a secret
 * @param requestId the REST request; empty for a command
 * @param authority in whose name it is asked for
 */
public record Actor(String name, Optional<String> requestId, Authority authority) {
  /** Whoever acts for a workspace. */
  public Actor(String name, Optional<String> requestId) {
    this(name, requestId, Authority.WORKSPACE);
  }
}
