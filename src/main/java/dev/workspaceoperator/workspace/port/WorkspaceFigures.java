package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.Usage;
import java.time.Instant;
import java.util.Optional;

/**
 * What metrics tell of a workspace.
 *
 * @param slug empty for a frozen one that has given it up
 * @param usage of the day and the month of {@code now}
 * @param now the database's clock when it was read
 */
public record WorkspaceFigures(
    ResourceIdentity identity,
    Optional<String> slug,
    StoredWorkspace.State state,
    Layers layers,
    Usage usage,
    Instant now) {
  /** What is in force. */
  public EffectiveSettings effective(PlanDefaults defaults) {
    return EffectiveSettings.resolve(layers, defaults, now);
  }

  /** The slug; of one that has none something that is no slug, so that it is nobody else's. */
  public String label() {
    return slug.orElseGet(() -> identity.namespace() + "/" + identity.name());
  }
}
