package dev.workspaceoperator.workspace;

import java.util.Locale;
import java.util.Optional;

/** What a workspace is entitled to, in ascending order (design.md §3). */
public enum Plan {
  /** No user budget, no configurable run cap, no kill switch. */
  BASIC("Basic"),
  /** User budget and run cap. */
  PRO("Pro"),
  /** Everything that Pro has, and the kill switch. */
  SCALE("Scale"),
  /** Everything, with the highest defaults. */
  ENTERPRISE("Enterprise");

  /** The run cap of every Basic workspace: a constant, never configuration. */
  public static final int BASIC_MAX_CONCURRENT_RUNS = 3;

  private final String label;

  Plan(String label) {
    this.label = label;
  }

  /** The name in manifests, answers and messages: {@code Basic}, {@code Pro} … */
  public String label() {
    return label;
  }

  /** The name as a Kubernetes resource name: {@code basic}, {@code pro} … */
  public String resourceName() {
    return label.toLowerCase(Locale.ROOT);
  }

  /** Whether this plan includes everything that {@code other} includes. */
  public boolean includes(Plan other) {
    return compareTo(other) >= 0;
  }

  /** The plan with exactly this label, if there is one. */
  public static Optional<Plan> ofLabel(String label) {
    for (Plan plan : values()) {
      if (plan.label.equals(label)) {
        return Optional.of(plan);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return label;
  }
}
