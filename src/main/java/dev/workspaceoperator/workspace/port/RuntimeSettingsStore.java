package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.Authority;
import dev.workspaceoperator.workspace.Outcome;
import java.util.Optional;
import java.util.UUID;

/**
 * Settings with the two halves of a use of the kill switch: whether it changes anything, which
 * holds nobody up, and the change, for which others may be held up in between.
 */
public interface RuntimeSettingsStore extends RuntimeSettings {
  /**
   * Looks at a use of the kill switch.
   *
   * @return what it comes to if it changes nothing: the workspace as it is, or a refusal; empty if
   *     it would change something
   */
  Optional<Outcome<Snapshot>> unlessKillChanges(
      UUID workspaceId, boolean active, Authority authority);

  /** {@link #switchKill} without that look. */
  Outcome<Snapshot> changeKill(
      UUID workspaceId, boolean active, Optional<String> reason, Actor actor);
}
