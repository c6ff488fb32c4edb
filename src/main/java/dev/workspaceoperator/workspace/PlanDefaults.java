package dev.workspaceoperator.workspace;

/**
 * What is in force in workspaces where neither manifest nor REST API sets it: configuration of the
 * installation (design.md §3 and §4.1). Basic's run cap is a constant.
 *
 * @param pro run cap of a Pro workspace, 0..1,000,000
 * @param scale run cap of a Scale workspace, 0..1,000,000
 * @param enterprise run cap of an Enterprise workspace, 0..1,000,000
 * @param dailyBudget cap of a day for the workspace, on every plan
 * @param userDailyBudget cap of a day for each user, on every plan: it is the installation's limit
 *     and nothing that a plan buys, and so a downgrade does not lift it
 */
public record PlanDefaults(
    int pro, int scale, int enterprise, Budget dailyBudget, Budget userDailyBudget) {
  /** What design.md §3 says where nothing is configured. */
  public static final PlanDefaults STANDARD =
      new PlanDefaults(10, 50, 200, Budget.UNLIMITED, Budget.UNLIMITED);

  public PlanDefaults {
    Bounds.requireRunCap(pro);
    Bounds.requireRunCap(scale);
    Bounds.requireRunCap(enterprise);
  }

  /** The same with other budgets. */
  public PlanDefaults withBudgets(Budget daily, Budget userDaily) {
    return new PlanDefaults(pro, scale, enterprise, daily, userDaily);
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
