package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** API keys of the whole installation, which belong to no workspace; only their digests. */
public interface FleetApiKeys {
  /**
   * Stores a new key, with its audit row.
   *
   * @return the key's id
   */
  UUID create(
      String name,
      ApiKeyDigest digest,
      Set<Scope> scopes,
      Optional<Instant> expiresAt,
      Actor actor);
}
