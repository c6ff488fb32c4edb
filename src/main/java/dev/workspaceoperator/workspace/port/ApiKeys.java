package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Source;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The API keys of a workspace, as the REST API manages them (design.md §6). */
public interface ApiKeys {
  /** Those that are neither revoked nor taken from the manifest, newest first. */
  Page<KeyRecord> list(UUID workspaceId, Page.Request request);

  /**
   * Stores a new key. Refused: NotFound, also where an earlier call made it and it is gone;
   * IdempotencyKeyReused, Archived.
   *
   * @param scopes no fleet scope
   */
  Outcome<Created<KeyRecord>> create(
      UUID workspaceId,
      String name,
      ApiKeyDigest digest,
      Set<Scope> scopes,
      Optional<Instant> expiresAt,
      Optional<IdempotencyKey> idempotency,
      Actor actor);

  /**
   * Revokes one. Refused: Archived; NotFound; ManagedDeclaratively for a manifest's key while its
   * resource exists.
   */
  Outcome<UUID> revoke(UUID workspaceId, UUID keyId, Actor actor);

  /** Whose key it is, while it is in force; empty for one of the whole installation too. */
  Optional<UUID> workspaceOf(UUID keyId);

  /**
   * A key without its secret.
   *
   * @param id a UUIDv7
   * @param source {@link Source#DECLARED} or {@link Source#RUNTIME}
   */
  record KeyRecord(
      UUID id,
      String name,
      Set<Scope> scopes,
      Source source,
      Instant createdAt,
      Optional<Instant> expiresAt) {
    public KeyRecord {
      scopes = Set.copyOf(scopes);
    }
  }
}
