package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.PlanDefaults;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The settings of one workspace as they were at one instant: all that its seven fields are made of.
 *
 * @param id its identity in the REST API, for ever
 * @param slug no two workspaces have the same; empty once released, as archiving does
 * @param layers everything that was said about its settings
 * @param now the database's clock when they were read: overrides are judged by it
 */
public record WorkspaceSettings(UUID id, Optional<String> slug, Layers layers, Instant now) {
  /** What was in force then. */
  public EffectiveSettings effective(PlanDefaults defaults) {
    return EffectiveSettings.resolve(layers, defaults, now);
  }
}
