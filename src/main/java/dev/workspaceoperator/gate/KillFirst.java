package dev.workspaceoperator.gate;

import dev.workspaceoperator.workspace.Actor;
import dev.workspaceoperator.workspace.Fleet;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Page;
import dev.workspaceoperator.workspace.RuntimeSettings;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.Snapshot;
import dev.workspaceoperator.workspace.WorkspaceSettings;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Kill switches that overtake the admissions that wait on this replica: the lane is closed first,
 * then the lock is taken (design.md §7). At most the batch in flight goes before.
 */
public final class KillFirst {
  private KillFirst() {}

  /** The same settings, whose kill switch goes before what waits in the workspace's lane. */
  public static RuntimeSettings of(Gate gate, RuntimeSettings settings) {
    return new KillFirstSettings(gate, settings);
  }

  /** The same fleet, whose kill switch goes before what waits in every lane. */
  public static Fleet of(Gate gate, Fleet fleet) {
    return new KillFirstFleet(gate, fleet);
  }

  private record KillFirstSettings(Gate gate, RuntimeSettings settings) implements RuntimeSettings {
    @Override
    public Optional<Snapshot> read(UUID workspaceId) {
      return settings.read(workspaceId);
    }

    @Override
    public Optional<WorkspaceSettings> readSettings(UUID workspaceId) {
      return settings.readSettings(workspaceId);
    }

    @Override
    public Outcome<Snapshot> patch(
        UUID workspaceId, SettingsPatch patch, Predicate<Snapshot> precondition, Actor actor) {
      return settings.patch(workspaceId, patch, precondition, actor);
    }

    @Override
    public Outcome<Snapshot> switchKill(
        UUID workspaceId, boolean active, Optional<String> reason, Actor actor) {
      try (LaneDoor.Pause _ = gate.pause(workspaceId)) {
        return settings.switchKill(workspaceId, active, reason, actor);
      }
    }
  }

  private record KillFirstFleet(Gate gate, Fleet fleet) implements Fleet {
    @Override
    public Page<Snapshot> workspaces(Page.Request request) {
      return fleet.workspaces(request);
    }

    @Override
    public Optional<KillLatch> switchKill(boolean active, Optional<String> reason, Actor actor) {
      try (LaneDoor.Pause _ = gate.pause()) {
        return fleet.switchKill(active, reason, actor);
      }
    }
  }
}
