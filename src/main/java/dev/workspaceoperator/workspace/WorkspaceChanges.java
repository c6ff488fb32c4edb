package dev.workspaceoperator.workspace;

/** Told of every change that is committed to the store, by any process. */
public interface WorkspaceChanges {
  /** A workspace has a new revision. */
  void changed(ResourceIdentity identity, long revision);

  /** A slug or a key was freed, so that a workspace that waits for one may have it now. */
  void freed();

  /** The Platform latch was engaged or released: every workspace looks different. */
  default void platformChanged() {
    resync();
  }

  /** Changes may have been missed, because the connection was lost and is back: look at all. */
  void resync();
}
