package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import java.util.Set;

/** Told of every change that is committed to the store, by any process. */
public interface WorkspaceChanges {
  /** A workspace has a new revision. */
  void changed(ResourceIdentity identity, long revision);

  /** A slug or a key was freed, so that a workspace that waits for one may have it now. */
  void freed();

  /**
   * These keys were revoked, and nothing else was freed. Told instead of {@link #freed} where it is
   * known which.
   */
  default void revoked(Set<ApiKeyDigest> keys) {
    freed();
  }

  /** The Platform latch was engaged or released: every workspace looks different. */
  default void platformChanged() {
    resync();
  }

  /** Changes may have been missed, because the connection was lost and is back: look at all. */
  void resync();
}
