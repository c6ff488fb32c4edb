package dev.workspaceoperator.workspace;

/** In whose name somebody acts on a workspace. */
public enum Authority {
  /** The workspace's own: its plan says what it may do. */
  WORKSPACE,
  /** The installation's: whoever runs it stops any workspace, whatever its plan. */
  INSTALLATION
}
