package dev.workspaceoperator.workspace;

/** Where a value in force comes from; the label is what status and the REST API print. */
public enum Source {
  /** A time-boxed exception that a person made. */
  OVERRIDE("Override"),
  /** The manifest. */
  DECLARED("Declared"),
  /** The REST API. */
  RUNTIME("Runtime"),
  /** The whole installation's kill switch. */
  PLATFORM("Platform"),
  /** The plan, where nothing else says more. */
  PLAN_DEFAULT("PlanDefault"),
  /** The installation, where nothing else says more. */
  DEFAULT("Default");

  private final String label;

  Source(String label) {
    this.label = label;
  }

  /** The name in status and answers. */
  public String label() {
    return label;
  }
}
