package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.Standbys;
import dev.workspaceoperator.workspace.Authority;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.RuntimeSettingsStore;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.WorkspaceSettings;
import dev.workspaceoperator.workspace.rule.Judgement;
import dev.workspaceoperator.workspace.rule.KillSwitchRule;
import dev.workspaceoperator.workspace.rule.PatchRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The settings of workspaces in PostgreSQL, for the REST API. */
public final class PostgresRuntimeSettings implements RuntimeSettingsStore, AutoCloseable {
  private final Database database;
  private final KillSwitchPools killSwitches;
  private final WorkspaceWrites writes;
  private final PlanDefaults defaults;
  private final BatchedReads<UUID, Snapshot> reads;
  private final BatchedReads<UUID, WorkspaceSettings> settingsReads;
  private final BatchedReads<UUID, Snapshot> killReads;
  private final BatchedReads<UUID, Boolean> standbyWaits;

  /**
   * Starts to answer reads.
   *
   * @param killSwitches what kill switches are looked up and changed with
   */
  public PostgresRuntimeSettings(
      Database database, KillSwitchPools killSwitches, AuditChain audit, PlanDefaults defaults) {
    this.database = database;
    this.killSwitches = killSwitches;
    this.writes = new WorkspaceWrites(audit);
    this.defaults = defaults;
    this.reads =
        new BatchedReads<>(
            "workspace-reads",
            BatchedReads.Limits.ofRequests(database),
            ids -> database.read(connection -> Snapshots.read(connection, ids)));
    this.settingsReads =
        new BatchedReads<>(
            "settings-reads",
            BatchedReads.Limits.ofRequests(database),
            ids -> database.read(connection -> SettingsRows.read(connection, ids)));
    this.killReads =
        new BatchedReads<>(
            "kill-reads",
            BatchedReads.Limits.ofRequests(killSwitches.looks()).with(killSwitches.betweenLooks()),
            ids -> killSwitches.looks().read(connection -> Snapshots.read(connection, ids)));
    this.standbyWaits =
        new BatchedReads<>(
            "kill-standby-waits",
            // Of the two connections one is left for looks, however long a standby is waited for.
            BatchedReads.Limits.ofRequests(killSwitches.looks())
                .with(killSwitches.betweenLooks())
                .onOneLane(),
            ids -> awaitStandbys(killSwitches.looks(), ids));
  }

  private static Map<UUID, Boolean> awaitStandbys(Database database, List<UUID> ids) {
    return database.transact(connection -> {
      Standbys.await(connection);
      return ids.stream().collect(Collectors.toMap(Function.identity(), _ -> true));
    });
  }

  /**
   * {@inheritDoc}
   *
   * @throws dev.workspaceoperator.workspace.port.OverloadedException if too many ask at once
   */
  @Override
  public Optional<Snapshot> read(UUID workspaceId) {
    return reads.read(workspaceId);
  }

  /**
   * {@inheritDoc}
   *
   * @throws dev.workspaceoperator.workspace.port.OverloadedException if too many ask at once
   */
  @Override
  public Optional<WorkspaceSettings> readSettings(UUID workspaceId) {
    return settingsReads.read(workspaceId);
  }

  @Override
  public Outcome<Snapshot> patch(
      UUID workspaceId, SettingsPatch patch, Predicate<Snapshot> precondition, Actor actor) {
    return change(
        database,
        workspaceId,
        before ->
            precondition.test(before)
                ? PatchRule.judge(before.workspace(), patch, defaults, before.now())
                : new Judgement.Refused(new Refusal.PreconditionFailed()),
        Optional.empty(),
        actor);
  }

  @Override
  public Outcome<Snapshot> switchKill(
      UUID workspaceId, boolean active, Optional<String> reason, Actor actor) {
    return unlessKillChanges(workspaceId, active, actor.authority())
        .orElseGet(() -> changeKill(workspaceId, active, reason, actor));
  }

  /**
   * What a kill switch is answered that changes nothing, or is refused: told by what is there now,
   * without a lock. Empty if it changes something. That one is on already is told once the standbys
   * have it, as whoever switches it on is.
   */
  @Override
  public Optional<Outcome<Snapshot>> unlessKillChanges(
      UUID workspaceId, boolean active, Authority authority) {
    Optional<Snapshot> found = killReads.read(workspaceId);
    if (found.isEmpty()) {
      return Optional.of(Outcome.refused(new Refusal.NotFound()));
    }
    return switch (judgeKill(found.get(), active, Optional.empty(), authority)) {
      case Judgement.Unchanged() -> {
        if (active) {
          Optional<Boolean> _ = standbyWaits.read(workspaceId);
        }
        yield Optional.of(Outcome.done(found.get()));
      }
      case Judgement.Refused(Refusal refusal) -> Optional.of(Outcome.refused(refusal));
      case Judgement.Changed _ -> Optional.empty();
    };
  }

  /**
   * As {@link #switchKill}, where {@link #unlessKillChanges} has said that it changes something.
   */
  @Override
  public Outcome<Snapshot> changeKill(
      UUID workspaceId, boolean active, Optional<String> reason, Actor actor) {
    return killSwitches.whileLocked(() ->
        change(
            killSwitches.changes(),
            workspaceId,
            before -> judgeKill(before, active, reason, actor.authority()),
            reason,
            actor));
  }

  private static Judgement judgeKill(
      Snapshot before, boolean active, Optional<String> reason, Authority authority) {
    return active
        ? KillSwitchRule.engage(before.workspace(), reason, before.now(), authority)
        : KillSwitchRule.release(before.workspace());
  }

  @Override
  public void close() {
    reads.close();
    settingsReads.close();
    killReads.close();
    standbyWaits.close();
  }

  private Outcome<Snapshot> change(
      Database on,
      UUID workspaceId,
      Function<Snapshot, Judgement> judge,
      Optional<String> reason,
      Actor actor) {
    return on.transactAndTell((connection, notifications) -> {
      Optional<Snapshot> before = WorkspaceWrites.lock(connection, workspaceId);
      if (before.isEmpty()) {
        return Outcome.refused(new Refusal.NotFound());
      }
      return switch (judge.apply(before.get())) {
        case Judgement.Unchanged() -> {
          Standbys.await(connection);
          yield Outcome.done(before.get());
        }
        case Judgement.Refused(Refusal refusal) -> Outcome.refused(refusal);
        case Judgement.Changed changed ->
            Outcome.done(
                writes.saveAndCommit(
                    connection, notifications, before.get(), changed, reason, actor));
      };
    });
  }
}
