package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceStatus;

/** Told of each status that was written, with the one before it. */
@FunctionalInterface
interface Transitions {
  /** The status changed from {@code before} to {@code after}, and that is written. */
  void observed(Workspace resource, WorkspaceStatus before, WorkspaceStatus after);
}
