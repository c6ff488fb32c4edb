package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** API keys of the whole installation, which belong to no workspace; only their digests. */
public interface FleetApiKeys {
  /** Those that are not revoked, newest first. */
  List<FleetKey> list();

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

  /**
   * Revokes one, with its audit row.
   *
   * @return false if no key of the installation has this id, or it is revoked already
   */
  boolean revoke(UUID keyId, Actor actor);

  /**
   * A key without its secret.
   *
   * @param id a UUIDv7
   */
  record FleetKey(
      UUID id, String name, Set<Scope> scopes, Instant createdAt, Optional<Instant> expiresAt) {
    public FleetKey {
      scopes = Set.copyOf(scopes);
    }
  }
}
