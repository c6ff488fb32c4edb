package dev.workspaceoperator.workspace;

/** Where a step is in its life; the label is what the REST API has. */
public enum StepStatus {
  /** Its highest cost is reserved. */
  ADMITTED("admitted"),
  /** Its real cost is booked. */
  SETTLED("settled"),
  /** Its run ended before it was settled: its reservation is booked as its cost. */
  CHARGED("charged");

  private final String label;

  StepStatus(String label) {
    this.label = label;
  }

  /** The name in answers. */
  public String label() {
    return label;
  }
}
