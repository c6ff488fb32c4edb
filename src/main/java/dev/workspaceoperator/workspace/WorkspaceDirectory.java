package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * To whom a credential belongs. Never staler than the call; every method may throw {@link
 * StoreUnavailableException}.
 */
public interface WorkspaceDirectory {
  /** The key of this digest, if it is neither revoked nor, by the database's clock, expired. */
  Optional<KeyHolder> keyHolder(ApiKeyDigest digest);

  /** The workspace of this id, archived ones too. */
  Optional<UUID> withId(UUID workspaceId);

  /** The workspace that holds this slug now. */
  Optional<UUID> withSlug(String slug);

  /** The workspaces of a namespace that hold a slug, by slug. */
  List<Member> inNamespace(String cluster, String namespace);

  /**
   * Whose key it is.
   *
   * @param keyId its id
   * @param name its name
   * @param workspaceId empty for a key of the whole installation
   * @param scopes what it may do
   * @param expiresAt when it ends, exclusive
   */
  record KeyHolder(
      UUID keyId,
      String name,
      Optional<UUID> workspaceId,
      Set<Scope> scopes,
      Optional<Instant> expiresAt) {
    public KeyHolder {
      scopes = Set.copyOf(scopes);
    }
  }

  /** A workspace of a namespace. */
  record Member(String slug, UUID workspaceId) {}
}
