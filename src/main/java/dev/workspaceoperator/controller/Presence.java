package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.StoredWorkspace.State;

/** Whether a resource stays, and so what its manifest makes of its workspace. */
enum Presence {
  /** Nobody has deleted it. */
  STAYING,
  /**
   * It was deleted, and somebody's finalizer keeps it: its manifest counts until it is gone. With
   * {@code Delete} that says to archive.
   */
  LEAVING,
  /** It is gone; what is known of it is its last generation. */
  GONE;

  /** How a resource that exists stands. */
  static Presence of(Workspace resource) {
    return resource.isMarkedForDeletion() ? LEAVING : STAYING;
  }

  /** What a workspace is under a manifest with this policy. */
  State stateUnder(DeletionPolicy policy) {
    return switch (this) {
      case STAYING -> State.PRESENT;
      case LEAVING -> policy == DeletionPolicy.DELETE ? State.ARCHIVED : State.PRESENT;
      case GONE -> State.ofDeleted(policy);
    };
  }
}
