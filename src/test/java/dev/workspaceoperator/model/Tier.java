package dev.workspaceoperator.model;

/** A plan; the order counts (design.md §3). */
enum Tier {
  BASIC("Basic", 3),
  PRO("Pro", 10),
  SCALE("Scale", 50),
  ENTERPRISE("Enterprise", 200);

  final String label;
  final int runs;

  Tier(String label, int runs) {
    this.label = label;
    this.runs = runs;
  }

  boolean atLeast(Tier other) {
    return compareTo(other) >= 0;
  }
}
