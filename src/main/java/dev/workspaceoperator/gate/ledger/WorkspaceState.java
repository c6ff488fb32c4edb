package dev.workspaceoperator.gate.ledger;

import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.StoredWorkspace;
import java.time.Instant;
import java.util.UUID;

/**
 * A workspace as the batch found it under its lock.
 *
 * @param id its id
 * @param state whether it is archived
 * @param settings in force at {@code now}
 * @param killSwitch the latches that are engaged
 * @param activeRuns runs that hold a slot
 * @param now the batch's clock, never before the workspace's newest decision
 */
public record WorkspaceState(
    UUID id,
    StoredWorkspace.State state,
    EffectiveSettings settings,
    KillSwitch killSwitch,
    int activeRuns,
    Instant now) {}
