package dev.workspaceoperator.crd;

import dev.workspaceoperator.workspace.Manifest;
import java.util.List;

/** What became of reading a resource. */
public sealed interface Reading {
  /** The resource is a manifest. Whether its plan allows what it asks is not judged yet. */
  record WellFormed(Manifest manifest) implements Reading {}

  /**
   * The resource is not a manifest.
   *
   * @param violations everything that is wrong with it; never empty
   */
  record Malformed(List<Violation> violations) implements Reading {
    public Malformed {
      violations = List.copyOf(violations);
    }
  }
}
