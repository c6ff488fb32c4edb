package dev.workspaceoperator.app;

import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.PlanDefaults;
import picocli.CommandLine.Option;

/** The run caps of workspaces that set none, by plan. */
final class PlanOptions {
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

  PlanDefaults read(ConfigurationReader reader) {
    return new PlanDefaults(
        reader.integer("--default-max-concurrent-runs-pro", pro, 0, Bounds.RUN_CAP_MAX),
        reader.integer("--default-max-concurrent-runs-scale", scale, 0, Bounds.RUN_CAP_MAX),
        reader.integer(
            "--default-max-concurrent-runs-enterprise", enterprise, 0, Bounds.RUN_CAP_MAX));
  }
}
