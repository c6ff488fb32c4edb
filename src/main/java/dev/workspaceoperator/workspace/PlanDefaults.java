package dev.workspaceoperator.workspace;

/**
 * The run caps of workspaces that set none, by plan (design.md §3). Basic's is a constant; the
 * others are configuration.
 *
 * @param pro run cap of a Pro workspace, 0..1,000,000
 * @param scale run cap of a Scale workspace, 0..1,000,000
 * @param enterprise run cap of an Enterprise workspace, 0..1,000,000
 */
public record PlanDefaults(int pro, int scale, int enterprise) {
  /** What design.md §3 says where nothing is configured. */
  public static final PlanDefaults STANDARD = new PlanDefaults(10, 50, 200);

  public PlanDefaults {
    Bounds.requireRunCap(pro);
    Bounds.requireRunCap(scale);
    Bounds.requireRunCap(enterprise);
  }

  /** The run cap of a workspace of this plan that has none set. */
  public int maxConcurrentRuns(Plan plan) {
    return switch (plan) {
      case BASIC -> Plan.BASIC_MAX_CONCURRENT_RUNS;
      case PRO -> pro;
      case SCALE -> scale;
      case ENTERPRISE -> enterprise;
    };
  }
}
