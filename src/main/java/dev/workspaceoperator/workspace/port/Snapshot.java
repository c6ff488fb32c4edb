package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.StoredWorkspace;
import java.time.Instant;

/**
 * A workspace as it was at one instant.
 *
 * @param workspace every layer of it
 * @param now the database's clock when it was read: overrides are judged by it
 */
public record Snapshot(StoredWorkspace workspace, Instant now) {
  /** Its settings alone. */
  public WorkspaceSettings settings() {
    return new WorkspaceSettings(workspace.id(), workspace.slug(), workspace.layers(), now);
  }

  /** What was in force then. */
  public EffectiveSettings effective(PlanDefaults defaults) {
    return settings().effective(defaults);
  }
}
