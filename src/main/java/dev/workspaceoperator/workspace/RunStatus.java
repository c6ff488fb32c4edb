package dev.workspaceoperator.workspace;

import java.util.Arrays;
import java.util.Optional;

/** Where a run is in its life; the label is what the REST API and the store have. */
public enum RunStatus {
  /** It holds one of the workspace's slots. */
  RUNNING("running"),
  /** It was finished and did what it was to do. */
  SUCCEEDED("succeeded"),
  /** It was finished and did not. */
  FAILED("failed"),
  /** It was finished as cancelled, or a person cancelled it. */
  CANCELLED("cancelled"),
  /** Its lease ended without a heartbeat. */
  EXPIRED("expired");

  private final String label;

  RunStatus(String label) {
    this.label = label;
  }

  /** The name in answers and in the store. */
  public String label() {
    return label;
  }

  /** The status of exactly this label, if there is one. */
  public static Optional<RunStatus> ofLabel(String label) {
    return Arrays.stream(values()).filter(status -> status.label.equals(label)).findFirst();
  }
}
