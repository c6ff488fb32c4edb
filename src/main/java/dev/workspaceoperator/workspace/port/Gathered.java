package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.StoredWorkspace;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Everything the store knows that bears on one manifest, read at one moment.
 *
 * @param now the database's clock
 * @param controllerEpoch the newest epoch of this cluster's controller
 * @param workspace the workspace of this identity, if it was ever accepted
 * @param slugTaken whether another workspace that is not archived holds the slug asked for
 * @param foreignKeys those of the digests asked for that belong to somebody else: another
 *     workspace, or the fleet; a revoked key's digest is nobody's
 */
public record Gathered(
    Instant now,
    long controllerEpoch,
    Optional<StoredWorkspace> workspace,
    boolean slugTaken,
    Set<ApiKeyDigest> foreignKeys) {
  public Gathered {
    foreignKeys = Set.copyOf(foreignKeys);
  }
}
