package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Where API keys that no manifest lists are kept; only their digests. */
public interface ApiKeyStore {
  /**
   * Stores a new key of a workspace, with its audit row and a new revision.
   *
   * @param actor who made it, for the audit row
   * @return the key's id
   */
  UUID createForWorkspace(
      UUID workspaceId,
      String name,
      ApiKeyDigest digest,
      Set<Scope> scopes,
      Optional<Instant> expiresAt,
      String actor);

  /**
   * Stores a new key of the whole installation, which belongs to no workspace.
   *
   * @param actor who made it, for the audit row
   * @return the key's id
   */
  UUID createForFleet(
      String name,
      ApiKeyDigest digest,
      Set<Scope> scopes,
      Optional<Instant> expiresAt,
      String actor);
}
