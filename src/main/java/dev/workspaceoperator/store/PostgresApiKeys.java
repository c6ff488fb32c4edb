package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Cursor;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.UuidV7;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.ApiKeys;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The API keys of workspaces in PostgreSQL. */
public final class PostgresApiKeys implements ApiKeys {
  private static final Sql LIVE = Sql.load("apikeys/live");
  private static final Sql FIND = Sql.load("apikeys/find");
  private static final Sql REVOKE = Sql.load("apikeys/revoke");
  private static final Sql WORKSPACE_OF = Sql.load("apikeys/workspaceOf");
  private static final String LIST = "api-keys";

  private final Database database;
  private final WorkspaceWrites writes;

  public PostgresApiKeys(Database database, AuditChain audit) {
    this.database = database;
    this.writes = new WorkspaceWrites(audit);
  }

  @Override
  public Page<KeyRecord> list(UUID workspaceId, Page.Request request) {
    Optional<Cursor> from = Cursor.read(LIST, 2, request);
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, LIVE)) {
        ResultSet row =
            statement
                .uuid("workspace_id", workspaceId)
                .time("before_time", from.map(Cursor::time).orElse(null))
                .uuid("before_id", from.map(Cursor::id).orElse(null))
                .integer("rows", request.limit() + 1)
                .run()
                .nextRows();
        List<KeyRecord> entries = new ArrayList<>();
        while (row.next()) {
          entries.add(StoredKey.of(row).entry());
        }
        return Cursor.page(
            LIST, request, entries, entry -> Cursor.of(entry.createdAt(), entry.id()));
      }
    });
  }

  @Override
  public Outcome<Created<KeyRecord>> create(
      UUID workspaceId,
      String name,
      ApiKeyDigest digest,
      Set<Scope> scopes,
      Optional<Instant> expiresAt,
      Optional<IdempotencyKey> idempotency,
      Actor actor) {
    if (scopes.stream().anyMatch(Scope::isFleet)) {
      throw new IllegalArgumentException("a workspace's key cannot have a fleet scope");
    }
    NewKey key = NewKey.of(name, digest, scopes, expiresAt);
    return new KeyCreation(key, actor).run(database, workspaceId, idempotency);
  }

  @Override
  public Outcome<UUID> revoke(UUID workspaceId, UUID keyId, Actor actor) {
    return database.transactAndTell((connection, notifications) -> {
      Optional<Snapshot> before = WorkspaceWrites.lock(connection, workspaceId);
      if (before.filter(it -> it.workspace().state() == State.ARCHIVED).isPresent()) {
        return Outcome.refused(new Refusal.Archived());
      }
      Optional<StoredKey> found =
          before.isEmpty() ? Optional.empty() : find(connection, workspaceId, keyId);
      if (found.filter(it -> !it.revoked()).isEmpty()) {
        return Outcome.refused(new Refusal.NotFound());
      }
      StoredWorkspace workspace = before.orElseThrow().workspace();
      StoredKey key = found.get();
      boolean declared = key.entry().source() == Source.DECLARED;
      if (declared && workspace.state() == State.PRESENT) {
        return Outcome.refused(
            new Refusal.ManagedDeclaratively(workspace.identity(), List.of(key.key().field())));
      }
      Instant now = before.get().now();
      try (NamedStatement statement = NamedStatement.of(connection, REVOKE)) {
        statement.uuid("workspace_id", workspaceId).uuid("key_id", keyId).time("now", now).run();
      }
      AuditEntry entry =
          key.key().removal(actor, declared ? AuditLayer.FROZEN : AuditLayer.RUNTIME);
      writes.record(
          connection,
          notifications,
          workspace,
          now,
          declared ? WorkspaceWrites.Step.DECLARED : WorkspaceWrites.Step.RUNTIME,
          List.of(entry));
      notifications.revoked(key.key().digest());
      return Outcome.done(keyId);
    });
  }

  @Override
  public Optional<UUID> workspaceOf(UUID keyId) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, WORKSPACE_OF)) {
        ResultSet row = statement.uuid("key_id", keyId).run().nextRows();
        return row.next()
            ? Optional.ofNullable(row.getObject("workspace_id", UUID.class))
            : Optional.empty();
      }
    });
  }

  private static Optional<StoredKey> find(Connection connection, UUID workspaceId, UUID keyId)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, FIND)) {
      ResultSet row =
          statement.uuid("workspace_id", workspaceId).uuid("key_id", keyId).run().nextRows();
      if (!row.next()) {
        return Optional.empty();
      }
      StoredKey key = StoredKey.of(row);
      return Optional.of(WorkspaceRows.time(row, "revoked_at").isPresent() ? key.asRevoked() : key);
    }
  }

  /** A key that is in the store, with what only the audit needs. */
  private record StoredKey(KeyRecord entry, NewKey key, boolean revoked) {
    static StoredKey of(ResultSet row) throws SQLException {
      KeyRecord entry =
          new KeyRecord(
              Objects.requireNonNull(row.getObject("key_id", UUID.class)),
              row.getString("name"),
              KeyRows.scopes(row),
              row.getString("source").equals(Source.DECLARED.label())
                  ? Source.DECLARED
                  : Source.RUNTIME,
              WorkspaceRows.requiredTime(row, "created_at"),
              WorkspaceRows.time(row, "expires_at"));
      ApiKeyDigest digest = new ApiKeyDigest(row.getString("digest"));
      return new StoredKey(
          entry, new NewKey(entry.name(), digest, entry.scopes(), entry.expiresAt()), false);
    }

    StoredKey asRevoked() {
      return new StoredKey(entry, key, true);
    }
  }

  /** Makes one key. */
  private final class KeyCreation extends IdempotentCreate<KeyRecord> {
    private final NewKey key;
    private final Actor actor;

    KeyCreation(NewKey key, Actor actor) {
      super("api-key");
      this.key = key;
      this.actor = actor;
    }

    @Override
    Outcome<KeyRecord> make(
        Connection connection, PendingNotifications notifications, Snapshot before)
        throws SQLException {
      StoredWorkspace workspace = before.workspace();
      if (workspace.state() == State.ARCHIVED) {
        return Outcome.refused(new Refusal.Archived());
      }
      Instant now = before.now();
      UUID id = UuidV7.at(now);
      try (NamedStatement statement = NamedStatement.of(connection, NewKey.INSERT)) {
        key.bind(statement, id, Optional.of(workspace.id()), now).run();
      }
      writes.record(
          connection,
          notifications,
          workspace,
          now,
          WorkspaceWrites.Step.RUNTIME,
          List.of(key.addition(actor, AuditLayer.RUNTIME)));
      return Outcome.done(
          new KeyRecord(id, key.name(), key.scopes(), Source.RUNTIME, now, key.expiresAt()));
    }

    @Override
    Optional<KeyRecord> load(Connection connection, UUID workspaceId, UUID id) throws SQLException {
      // A manifest may have made it its own since, and have given it up.
      return find(connection, workspaceId, id)
          .map(StoredKey::entry)
          .map(it ->
              new KeyRecord(
                  it.id(), it.name(), it.scopes(), Source.RUNTIME, it.createdAt(), it.expiresAt()));
    }

    @Override
    UUID idOf(KeyRecord made) {
      return made.id();
    }
  }
}
