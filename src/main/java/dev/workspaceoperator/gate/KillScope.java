package dev.workspaceoperator.gate;

/** What a kill switch stops. */
enum KillScope {
  /** One workspace. */
  WORKSPACE("workspace"),
  /** The whole installation. */
  PLATFORM("platform");

  private final String label;

  KillScope(String label) {
    this.label = label;
  }

  /** In metrics. */
  String label() {
    return label;
  }
}
