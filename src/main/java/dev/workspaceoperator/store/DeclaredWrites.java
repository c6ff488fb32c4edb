package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.CanonicalJson;
import dev.workspaceoperator.sql.LayerJson;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.sql.ReceiverJson;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.UuidV7;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.Gathered;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The writing half of {@link PostgresDeclaredStore}: every method expects the workspace's row to be
 * locked by this transaction, and sends everything in one round trip.
 */
final class DeclaredWrites {
  private static final Sql GATHER = Sql.load("declared/gather");
  private static final Sql INSERT_WORKSPACE = Sql.load("declared/insertWorkspace");
  private static final Sql UPDATE_WORKSPACE = Sql.load("declared/updateWorkspace");
  private static final Sql DELETE_KEYS = Sql.load("declared/deleteKeys");
  private static final Sql SAVE_KEYS = Sql.load("declared/saveKeys");
  private static final Sql MOVE =
      Sql.pipeline(Sql.load("declared/updateState"), AuditChain.APPEND, GATHER);
  private static final Sql UPDATE_GENERATION_AND_GATHER =
      Sql.pipeline(Sql.load("declared/updateGeneration"), GATHER);

  private final AuditChain audit;
  private final KeyTakeover takeover;

  DeclaredWrites(AuditChain audit) {
    this.audit = audit;
    this.takeover = new KeyTakeover(audit);
  }

  /** Binds the parameters of {@code declared/gather.sql}. */
  static NamedStatement bindGather(
      NamedStatement statement,
      ResourceIdentity identity,
      Optional<String> slug,
      Set<ApiKeyDigest> digests)
      throws SQLException {
    return statement
        .text("cluster", identity.cluster())
        .text("namespace", identity.namespace())
        .text("resource_name", identity.name())
        .text("slug", slug.orElse(null))
        .byteStrings(
            "digests", digests.stream().map(it -> HexFormat.of().parseHex(it.hex())).toList());
  }

  /**
   * Writes the manifest's change.
   *
   * @return what the store knows now; empty if somebody else took one of the keys meanwhile
   */
  Optional<Gathered> sync(
      Connection connection,
      PendingNotifications notifications,
      ControllerFence fence,
      Manifest manifest,
      Gathered before,
      DeclaredChange change)
      throws SQLException {
    if (change.entries().isEmpty()) {
      return Optional.of(updateGeneration(connection, fence, manifest, before));
    }
    UUID id = before.workspace().map(StoredWorkspace::id).orElseGet(() -> UuidV7.at(before.now()));
    if (change.keysChanged()) {
      takeover.fromArchived(connection, notifications, id, manifest.identity(), change.keys());
    }
    AuditHead head = before.workspace().map(StoredWorkspace::auditHead).orElse(AuditHead.EMPTY);
    AuditChain.Links links = audit.link(id, head, before.now(), change.entries());
    List<Sql> statements = new ArrayList<>();
    statements.add(before.workspace().isPresent() ? UPDATE_WORKSPACE : INSERT_WORKSPACE);
    if (change.keysChanged()) {
      statements.add(DELETE_KEYS);
      statements.add(SAVE_KEYS);
    }
    statements.add(AuditChain.APPEND);
    statements.add(GATHER);
    try (NamedStatement statement = NamedStatement.of(connection, Sql.pipeline(statements))) {
      bindGather(
          statement,
          manifest.identity(),
          Optional.of(manifest.slug()),
          manifest.apiKeys().stream().map(DeclaredApiKey::digest).collect(Collectors.toSet()));
      bindResource(statement, fence, manifest)
          .uuid("workspace_id", id)
          .text("state", change.state().name());
      bindDeclared(statement, manifest, before);
      if (before.workspace().isPresent()) {
        statement.texts("known_settings", LayerJson.KEYS);
      }
      bindHead(statement, links.head(), before.now());
      links.bind(statement);
      if (change.keysChanged()) {
        bindKeys(statement, change.keys(), before.now());
      }
      statement.run();
      if (change.keysChanged() && count(statement.nextRows()) < change.keys().size()) {
        return Optional.empty();
      }
      notifications.changed(
          manifest.identity(), before.workspace().map(it -> it.revision() + 1).orElse(1L));
      if (change.freed()) {
        notifications.freed();
      }
      return Optional.of(gathered(statement.nextRows()));
    }
  }

  /**
   * Freezes or archives a workspace. The slug of an archived one is free; its keys stay, because
   * steps in flight are settled with them, until another manifest lists them.
   */
  Gathered move(
      Connection connection,
      PendingNotifications notifications,
      StoredWorkspace workspace,
      Instant now,
      State to,
      AuditLayer layer,
      String actor)
      throws SQLException {
    boolean archived = to == State.ARCHIVED;
    List<AuditEntry> entries = new ArrayList<>();
    entries.add(
        AuditEntry.of(
            actor,
            layer,
            "state",
            Optional.of(DeclaredChange.stateJson(workspace.state())),
            Optional.of(DeclaredChange.stateJson(to))));
    if (archived) {
      workspace
          .slug()
          .map(CanonicalJson::text)
          .map(slug -> AuditEntry.of(actor, layer, "slug", Optional.of(slug), Optional.empty()))
          .ifPresent(entries::add);
    }
    AuditChain.Links links = audit.link(workspace.id(), workspace.auditHead(), now, entries);
    try (NamedStatement statement = NamedStatement.of(connection, MOVE)) {
      bindGather(statement, workspace.identity(), Optional.empty(), Set.of());
      statement.uuid("workspace_id", workspace.id()).text("state", to.name());
      bindHead(statement, links.head(), now);
      links.bind(statement);
      statement.run();
      notifications.changed(workspace.identity(), workspace.revision() + 1);
      if (archived) {
        notifications.freed();
      }
      return gathered(statement.nextRows());
    }
  }

  private static Gathered updateGeneration(
      Connection connection, ControllerFence fence, Manifest manifest, Gathered before)
      throws SQLException {
    StoredWorkspace stored = before.workspace().orElseThrow();
    if (stored.resourceUid().equals(manifest.uid())
        && stored.resourceGeneration() == manifest.generation()
        && stored.controllerEpoch() == fence.epoch()
        && stored.layers().declared().equals(manifest.settings())) {
      connection.rollback();
      return before;
    }
    try (NamedStatement statement = NamedStatement.of(connection, UPDATE_GENERATION_AND_GATHER)) {
      bindGather(
          statement,
          manifest.identity(),
          Optional.of(manifest.slug()),
          manifest.apiKeys().stream().map(DeclaredApiKey::digest).collect(Collectors.toSet()));
      bindResource(statement, fence, manifest)
          .uuid("workspace_id", stored.id())
          .flag("declared_kill_switch", manifest.settings().killSwitch().orElse(null))
          .run();
      return gathered(statement.nextRows());
    }
  }

  private static NamedStatement bindResource(
      NamedStatement statement, ControllerFence fence, Manifest manifest) throws SQLException {
    return statement
        .text("resource_uid", manifest.uid())
        .bigint("resource_generation", manifest.generation())
        .bigint("controller_epoch", fence.epoch());
  }

  private static void bindDeclared(NamedStatement statement, Manifest manifest, Gathered before)
      throws SQLException {
    DeclaredSettings declared = manifest.settings();
    statement
        .text("plan", declared.plan().label())
        .text("deletion_policy", manifest.deletionPolicy().label())
        .text("declared_settings", LayerJson.write(declared.values()))
        .text("declared_notifications", ReceiverJson.write(manifest.notifications()))
        .flag("declared_kill_switch", declared.killSwitch().orElse(null))
        .time("declared_kill_switch_since", killSwitchSince(declared, before))
        .text("declared_kill_switch_reason", declared.killSwitchReason().orElse(null));
  }

  /** A latch keeps the time at which it was engaged, however often its manifest is written. */
  private static @Nullable Instant killSwitchSince(DeclaredSettings declared, Gathered before) {
    if (!declared.engagesKillSwitch()) {
      return null;
    }
    return before
        .workspace()
        .flatMap(it -> it.layers().killSwitch().of(KillLatch.Holder.DECLARED))
        .map(KillLatch::since)
        .orElse(before.now());
  }

  private static void bindHead(NamedStatement statement, AuditHead head, Instant now)
      throws SQLException {
    statement
        .bigint("audit_seq", head.seq())
        .bytes("audit_hash", HexFormat.of().parseHex(head.hash()))
        .time("now", now);
  }

  private static void bindKeys(NamedStatement statement, List<DeclaredApiKey> keys, Instant now)
      throws SQLException {
    statement
        .byteStrings(
            "key_digests",
            keys.stream().map(key -> HexFormat.of().parseHex(key.digest().hex())).toList())
        .uuids("key_ids", keys.stream().map(_ -> UuidV7.at(now)).toList())
        .texts("key_names", keys.stream().map(DeclaredApiKey::name).toList())
        .texts(
            "key_scopes",
            keys.stream()
                .map(key -> key.scopes().stream().map(Scope::label).sorted())
                .map(labels -> labels.collect(Collectors.joining(" ")))
                .toList())
        .optionalTexts(
            "key_expiries",
            keys.stream().map(key -> key.expiresAt().map(Instant::toString)).toList());
  }

  static Gathered gathered(ResultSet row) throws SQLException {
    row.next();
    return WorkspaceRows.gathered(row);
  }

  private static int count(ResultSet rows) throws SQLException {
    int count = 0;
    while (rows.next()) {
      count++;
    }
    return count;
  }
}
