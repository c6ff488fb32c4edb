package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * To whom a credential belongs. Never staler than the call; every method may throw {@link
 * StoreUnavailableException}, and {@link OverloadedException} if too many ask at once.
 */
public interface WorkspaceDirectory {
  /** Where a question waits: what is in one line never waits for what is in the other. */
  enum Line {
    /** Of credentials that were good a short time ago. */
    KNOWN,
    /** Of all others. */
    STRANGERS
  }

  /** The key of this digest, if it is neither revoked nor, by the database's clock, expired. */
  Optional<KeyHolder> keyHolder(ApiKeyDigest digest, Line line);

  /** The workspace of this id, archived ones too. */
  Optional<UUID> withId(UUID workspaceId, Line line);

  /** The workspace that holds this slug now. */
  Optional<UUID> withSlug(String slug, Line line);

  /** The workspaces of a namespace that hold a slug, by slug. */
  List<Member> inNamespace(String cluster, String namespace, Line line);

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
