package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * The keys of an archived workspace go on, but hold nobody up: a manifest that lists one has it at
 * once. The former holder's audit chain tells where it went.
 */
final class KeyTakeover {
  private static final Sql ARCHIVED_HOLDERS = Sql.load("declared/archivedHolders");
  private static final Sql GIVE_UP_KEYS = Sql.load("declared/giveUpKeys");

  private final WorkspaceWrites writes;

  KeyTakeover(AuditChain audit) {
    this.writes = new WorkspaceWrites(audit);
  }

  /** Takes those of these keys that archived workspaces hold. */
  void fromArchived(
      Connection connection,
      PendingNotifications notifications,
      UUID heirId,
      ResourceIdentity heir,
      List<DeclaredApiKey> wanted)
      throws SQLException {
    List<byte[]> digests =
        wanted.stream().map(key -> HexFormat.of().parseHex(key.digest().hex())).toList();
    Actor actor = new Actor("manifest of " + heir.namespacedName(), Optional.empty());
    for (UUID holder : holders(connection, heirId, digests)) {
      Snapshot before = WorkspaceWrites.lock(connection, holder).orElseThrow();
      // Brought back meanwhile: then its keys are its own again.
      if (before.workspace().state() == State.ARCHIVED) {
        List<AuditEntry> removals =
            giveUp(connection, holder, digests).stream()
                .map(key -> key.removal(actor, AuditLayer.DECLARED))
                .toList();
        if (!removals.isEmpty()) {
          writes.record(
              connection,
              notifications,
              before.workspace(),
              before.now(),
              WorkspaceWrites.Step.DECLARED,
              removals);
        }
      }
    }
  }

  private static List<UUID> holders(Connection connection, UUID heirId, List<byte[]> digests)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, ARCHIVED_HOLDERS)) {
      ResultSet row =
          statement
              .uuid("workspace_id", heirId)
              .byteStrings("key_digests", digests)
              .run()
              .nextRows();
      List<UUID> holders = new ArrayList<>();
      while (row.next()) {
        holders.add(Objects.requireNonNull(row.getObject("workspace_id", UUID.class)));
      }
      return holders;
    }
  }

  private static List<NewKey> giveUp(Connection connection, UUID holder, List<byte[]> digests)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, GIVE_UP_KEYS)) {
      ResultSet row =
          statement
              .uuid("workspace_id", holder)
              .byteStrings("key_digests", digests)
              .run()
              .nextRows();
      List<NewKey> keys = new ArrayList<>();
      while (row.next()) {
        // A revoked one was told of when it was revoked.
        if (row.getBoolean("live")) {
          keys.add(
              new NewKey(
                  row.getString("name"),
                  new ApiKeyDigest(row.getString("digest")),
                  KeyRows.scopes(row),
                  WorkspaceRows.time(row, "expires_at")));
        }
      }
      return keys;
    }
  }
}
