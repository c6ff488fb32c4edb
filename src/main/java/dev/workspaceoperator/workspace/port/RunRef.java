package dev.workspaceoperator.workspace.port;

import java.util.Optional;
import java.util.UUID;

/**
 * A run that a caller names.
 *
 * @param workspaceId the credential's workspace: a run of another one is not found
 * @param runId its id
 * @param onlyUser the one user whose runs this caller may see; empty for a caller who sees all
 */
public record RunRef(UUID workspaceId, UUID runId, Optional<String> onlyUser) {
  /** A run that is looked at without regard to its user. */
  public static RunRef of(UUID workspaceId, UUID runId) {
    return new RunRef(workspaceId, runId, Optional.empty());
  }
}
