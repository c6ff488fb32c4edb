package dev.workspaceoperator.gate;

import dev.workspaceoperator.share.Shares;
import dev.workspaceoperator.sql.UuidV7;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Fleet;
import dev.workspaceoperator.workspace.port.FleetStore;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.RuntimeSettingsStore;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.WorkspaceSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Kill switches that overtake the admissions that wait on this replica: the lane is closed first,
 * then the lock is taken (design.md §7). At most the batch in flight goes before.
 *
 * <p>What changes nothing is told by a look, and closes no lane (design.md §12): whoever may not
 * switch must not stop his neighbours by trying. What does change something is done one at a time
 * for a workspace, and one at a time for the platform, which waits for no workspace's switch.
 */
public final class KillFirst {
  /** Whose the platform's turns are. */
  private static final UUID PLATFORM = UuidV7.NIL;

  /** Whoever switches on and off in a loop must not pause his lane all the time. */
  private static final Duration BETWEEN_CHANGES = Duration.ofMillis(5);

  private KillFirst() {}

  /** The same settings, whose kill switch goes before what waits in the workspace's lane. */
  public static RuntimeSettings of(Gate gate, RuntimeSettingsStore settings) {
    return new KillFirstSettings(gate, settings);
  }

  /** The same fleet, whose kill switch goes before what waits in every lane. */
  public static Fleet of(Gate gate, FleetStore fleet) {
    return new KillFirstFleet(gate, fleet);
  }

  private record KillFirstSettings(Gate gate, RuntimeSettingsStore settings)
      implements RuntimeSettings {
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
      long askedAtNanos = System.nanoTime();
      Optional<Outcome<Snapshot>> unchanged =
          settings.unlessKillChanges(workspaceId, active, actor.authority());
      if (unchanged.isPresent()) {
        return unchanged.get();
      }
      try (Shares.Place _ = gate.kills().await(workspaceId).resting(BETWEEN_CHANGES);
          LaneDoor.Pause _ = gate.pause(workspaceId)) {
        Outcome<Snapshot> changed = settings.changeKill(workspaceId, active, reason, actor);
        if (active && changed instanceof Outcome.Done) {
          gate.killed(KillScope.WORKSPACE, System.nanoTime() - askedAtNanos);
        }
        return changed;
      }
    }
  }

  private record KillFirstFleet(Gate gate, FleetStore fleet) implements Fleet {
    @Override
    public Page<Snapshot> workspaces(Selection selection, Page.Request request) {
      return fleet.workspaces(selection, request);
    }

    @Override
    public Optional<KillLatch> switchKill(boolean active, Optional<String> reason, Actor actor) {
      long askedAtNanos = System.nanoTime();
      Optional<KillLatch> latch = fleet.killLatch();
      if (latch.isPresent() == active) {
        return latch;
      }
      try (Shares.Place _ = gate.platformKills().await(PLATFORM);
          LaneDoor.Pause _ = gate.pause()) {
        Optional<KillLatch> changed = fleet.switchKill(active, reason, actor);
        if (active) {
          gate.killed(KillScope.PLATFORM, System.nanoTime() - askedAtNanos);
        }
        return changed;
      }
    }
  }
}
