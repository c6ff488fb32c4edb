package dev.workspaceoperator.app;

/** Whether metrics name workspaces. */
enum WorkspaceLabel {
  /** Each workspace has series of its own. */
  TOLD,
  /** There are those of all together only. */
  LEFT_OUT
}
