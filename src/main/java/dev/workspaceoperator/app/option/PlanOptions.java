package dev.workspaceoperator.app.option;

import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.PlanDefaults;
import picocli.CommandLine.Option;

/** What is in force in workspaces that set nothing: run caps by plan, and budgets. */
public final class PlanOptions {
  @Option(
      names = "--default-max-concurrent-runs-pro",
      paramLabel = "N",
      defaultValue = "10",
      description = "Run cap of a Pro workspace that sets none. Default: ${DEFAULT-VALUE}.")
  private String pro = "10";

  @Option(
      names = "--default-max-concurrent-runs-scale",
      paramLabel = "N",
      defaultValue = "50",
      description = "Run cap of a Scale workspace that sets none. Default: ${DEFAULT-VALUE}.")
  private String scale = "50";

  @Option(
      names = "--default-max-concurrent-runs-enterprise",
      paramLabel = "N",
      defaultValue = "200",
      description = "Run cap of an Enterprise workspace that sets none. Default: ${DEFAULT-VALUE}.")
  private String enterprise = "200";

  @Option(
      names = "--default-daily-budget-usd",
      paramLabel = "USD",
      defaultValue = "unlimited",
      description =
          "Most that a workspace may spend in a UTC day where neither its manifest nor the REST API"
              + " says, in US dollars, or unlimited. The same for both roles. Default:"
              + " ${DEFAULT-VALUE}.")
  private String dailyBudget = "unlimited";

  @Option(
      names = "--default-user-daily-budget-usd",
      paramLabel = "USD",
      defaultValue = "unlimited",
      description =
          "Most that each user of such a workspace may spend in a UTC day, on every plan. Default:"
              + " ${DEFAULT-VALUE}.")
  private String userDailyBudget = "unlimited";

  /** What holds where neither a manifest nor the API says anything. */
  public PlanDefaults read(ConfigurationReader reader) {
    return new PlanDefaults(
        reader.integer("--default-max-concurrent-runs-pro", pro, 0, Bounds.RUN_CAP_MAX),
        reader.integer("--default-max-concurrent-runs-scale", scale, 0, Bounds.RUN_CAP_MAX),
        reader.integer(
            "--default-max-concurrent-runs-enterprise", enterprise, 0, Bounds.RUN_CAP_MAX),
        reader.budget("--default-daily-budget-usd", dailyBudget),
        reader.budget("--default-user-daily-budget-usd", userDailyBudget));
  }
}
