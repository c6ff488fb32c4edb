package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.SettingsPatch;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The settings of a workspace at run time: read, and changed in the runtime layer (or the frozen
 * one, while no resource exists). Every change is committed, audited and announced when a method
 * returns. Every method may throw {@link StoreUnavailableException}; then repeating it is safe.
 */
public interface RuntimeSettings {
  /** The workspace as it is now; never staler than the call. */
  Optional<Snapshot> read(UUID workspaceId);

  /** Its settings alone, which cost less to read; never staler than the call. */
  Optional<WorkspaceSettings> readSettings(UUID workspaceId);

  /**
   * Changes settings, all or none (design.md §3.2 and §4). Refused in this order: NotFound,
   * PreconditionFailed, Archived, then (equal values dropped) ManagedDeclaratively, PlanTooLow.
   * What is equal writes nothing.
   *
   * @param precondition judged under the row's lock
   * @return the workspace after the change
   */
  Outcome<Snapshot> patch(
      UUID workspaceId, SettingsPatch patch, Predicate<Snapshot> precondition, Actor actor);

  /**
   * Engages or releases the runtime latch (design.md §4). Refused: NotFound, Archived, PlanTooLow,
   * KillSwitchHeld. Engaging what is engaged and releasing what is released change nothing.
   * PlanTooLow is nobody told who acts for the installation.
   *
   * @param reason shown to whoever is refused, at most 500 code points
   */
  Outcome<Snapshot> switchKill(
      UUID workspaceId, boolean active, Optional<String> reason, Actor actor);
}
