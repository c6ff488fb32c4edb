package dev.workspaceoperator.workspace;

/** What becomes of the workspace when its resource is deleted (design.md §4). */
public enum DeletionPolicy {
  /** The declared layer is frozen and stays in force. */
  RETAIN("Retain"),
  /** The workspace is archived: nothing is admitted any more, its slug is free, its books stay. */
  DELETE("Delete");

  private final String label;

  DeletionPolicy(String label) {
    this.label = label;
  }

  /** The name in manifests. */
  public String label() {
    return label;
  }
}
