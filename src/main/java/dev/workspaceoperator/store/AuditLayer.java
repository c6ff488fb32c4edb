package dev.workspaceoperator.store;

/** Which layer an audit row is about; the label is what the row has. */
public enum AuditLayer {
  /** What a manifest declares. */
  DECLARED("Declared"),
  /** What a manifest declared, changed while no resource exists. */
  FROZEN("Frozen"),
  /** What the REST API set. */
  RUNTIME("Runtime"),
  /** A time-boxed exception. */
  OVERRIDE("Override"),
  /** The whole installation. */
  PLATFORM("Platform");

  private final String label;

  AuditLayer(String label) {
    this.label = label;
  }

  /** The name in audit rows. */
  public String label() {
    return label;
  }
}
