package dev.workspaceoperator.workspace;

import java.util.Arrays;
import java.util.Optional;

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

  /** The policy of exactly this label, if there is one. */
  public static Optional<DeletionPolicy> ofLabel(String label) {
    return Arrays.stream(values()).filter(policy -> policy.label.equals(label)).findFirst();
  }
}
