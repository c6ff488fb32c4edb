package dev.workspaceoperator.workspace;

import java.time.Instant;

/**
 * A workspace as it was at one instant.
 *
 * @param workspace every layer of it
 * @param now the database's clock when it was read: overrides are judged by it
 */
public record Snapshot(StoredWorkspace workspace, Instant now) {
  /** What was in force then. */
  public EffectiveSettings effective(PlanDefaults defaults) {
    return EffectiveSettings.resolve(workspace.layers(), defaults, now);
  }
}
