package dev.workspaceoperator.workspace;

import java.util.Arrays;
import java.util.Optional;

/** How a client says that its run ended. */
public enum RunOutcome {
  /** It did what it was to do. */
  SUCCEEDED(RunStatus.SUCCEEDED),
  /** It did not. */
  FAILED(RunStatus.FAILED),
  /** It was given up. */
  CANCELLED(RunStatus.CANCELLED);

  private final RunStatus status;

  RunOutcome(RunStatus status) {
    this.status = status;
  }

  /** What becomes of the run. */
  public RunStatus status() {
    return status;
  }

  /** The outcome of exactly this label, as {@link RunStatus#label} has it. */
  public static Optional<RunOutcome> ofLabel(String label) {
    return Arrays.stream(values())
        .filter(outcome -> outcome.status.label().equals(label))
        .findFirst();
  }
}
