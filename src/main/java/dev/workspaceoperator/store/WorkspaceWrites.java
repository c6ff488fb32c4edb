package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.LayerJson;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.rule.Judgement;
import dev.workspaceoperator.workspace.rule.LayerChange;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How the REST API changes a workspace: its row is locked, read anew and judged; what differs is
 * written with its audit rows and a new revision, and read back, all in the caller's transaction,
 * which {@link #saveAndCommit} ends.
 */
final class WorkspaceWrites {
  private static final Sql LOCK_AND_READ =
      Sql.pipeline(Sql.load("runtime/lockWorkspace"), Snapshots.SNAPSHOTS);
  private static final Sql MOVE_ON = Sql.load("runtime/moveOn");
  private static final Sql RECORD = Sql.pipeline(MOVE_ON, AuditChain.APPEND);
  private static final Sql SAVE_AND_COMMIT =
      Sql.pipeline(
          Sql.load("runtime/updateLayers"),
          MOVE_ON,
          AuditChain.APPEND,
          Snapshots.SNAPSHOTS,
          Sql.COMMIT);

  private final AuditChain audit;

  WorkspaceWrites(AuditChain audit) {
    this.audit = audit;
  }

  /** Locks a workspace until the transaction ends; empty if there is none of this id. */
  static Optional<Snapshot> lock(Connection connection, UUID workspaceId) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, LOCK_AND_READ)) {
      statement
          .uuid("workspace_id", workspaceId)
          .uuids("workspace_ids", List.of(workspaceId))
          .run();
      statement.nextRows();
      return Optional.ofNullable(Snapshots.rows(statement.nextRows()).get(workspaceId));
    }
  }

  /**
   * Writes other layers and commits, in one round trip: the row is not locked longer than it must
   * be. Has to be the last statement of its transaction.
   *
   * @param reason for the audit rows
   * @return the workspace as it is now
   */
  Snapshot saveAndCommit(
      Connection connection,
      PendingNotifications notifications,
      Snapshot before,
      Judgement.Changed change,
      Optional<String> reason,
      Actor actor)
      throws SQLException {
    StoredWorkspace workspace = before.workspace();
    List<AuditEntry> entries =
        change.changes().stream().map(it -> entry(it, reason, actor)).toList();
    boolean frozenToo =
        change.changes().stream().anyMatch(it -> it.layer() == LayerChange.Layer.FROZEN);
    AuditChain.Links links =
        audit.link(workspace.id(), workspace.auditHead(), before.now(), entries);
    try (NamedStatement statement = NamedStatement.of(connection, SAVE_AND_COMMIT)) {
      bindLayers(statement, change.layers());
      links.bind(statement);
      bindStep(statement, workspace, links, frozenToo ? Step.DECLARED : Step.RUNTIME)
          .uuids("workspace_ids", List.of(workspace.id()))
          .run();
      notifications.changed(workspace.identity(), workspace.revision() + 1);
      notifications.onceCommitted(() -> TransitionLog.tell(links));
      return Objects.requireNonNull(Snapshots.rows(statement.nextRows()).get(workspace.id()));
    }
  }

  /** Gives the workspace a new revision for a change of rows that belong to it. */
  void record(
      Connection connection,
      PendingNotifications notifications,
      StoredWorkspace workspace,
      Instant now,
      Step step,
      List<AuditEntry> entries)
      throws SQLException {
    AuditChain.Links links = audit.link(workspace.id(), workspace.auditHead(), now, entries);
    try (NamedStatement statement = NamedStatement.of(connection, RECORD)) {
      links.bind(statement);
      bindStep(statement, workspace, links, step).run();
    }
    notifications.changed(workspace.identity(), workspace.revision() + 1);
    notifications.onceCommitted(() -> TransitionLog.tell(links));
  }

  private static AuditEntry entry(LayerChange change, Optional<String> reason, Actor actor) {
    AuditLayer layer =
        switch (change.layer()) {
          case RUNTIME -> AuditLayer.RUNTIME;
          case FROZEN -> AuditLayer.FROZEN;
        };
    return new AuditEntry(
        actor.name(),
        layer,
        change.field(),
        change.before().map(SettingJson::of),
        change.after().map(SettingJson::of),
        reason,
        actor.requestId());
  }

  private static NamedStatement bindStep(
      NamedStatement statement, StoredWorkspace workspace, AuditChain.Links links, Step step)
      throws SQLException {
    AuditHead head = links.head();
    return statement
        .uuid("workspace_id", workspace.id())
        .integer("declared_steps", step == Step.DECLARED ? 1 : 0)
        .bigint("audit_seq", head.seq())
        .bytes("audit_hash", HexFormat.of().parseHex(head.hash()))
        .time("now", links.time());
  }

  private static void bindLayers(NamedStatement statement, Layers layers) throws SQLException {
    Optional<KillLatch> runtime = layers.killSwitch().of(Holder.RUNTIME);
    statement
        .texts("known_settings", LayerJson.KEYS)
        .text("declared_settings", LayerJson.write(layers.declared().values()))
        .text("runtime_settings", LayerJson.write(layers.runtime()))
        .flag("declared_kill_switch", layers.declared().killSwitch().orElse(null))
        .time("declared_kill_switch_since", since(layers.killSwitch().of(Holder.DECLARED)))
        .time("runtime_kill_switch_since", since(runtime))
        .text("runtime_kill_switch_reason", runtime.flatMap(KillLatch::reason).orElse(null));
  }

  private static @Nullable Instant since(Optional<KillLatch> latch) {
    return latch.map(KillLatch::since).orElse(null);
  }

  /** Which revisions a change raises. */
  enum Step {
    /** The workspace's revision. */
    RUNTIME,
    /** The workspace's revision and that of its declared layer. */
    DECLARED
  }
}
