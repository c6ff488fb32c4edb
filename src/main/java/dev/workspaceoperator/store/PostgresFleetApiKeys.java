package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.UuidV7;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.FleetApiKeys;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** API keys of the whole installation in PostgreSQL. */
public final class PostgresFleetApiKeys implements FleetApiKeys {
  private static final Sql LIST = Sql.load("apikeys/fleet");
  private static final Sql APPENDED =
      Sql.pipeline(AuditChain.APPEND, Sql.load("audit/movePlatformHead"));
  private static final Sql CREATE = Sql.pipeline(NewKey.INSERT, APPENDED);
  private static final Sql REVOKE = Sql.pipeline(Sql.load("apikeys/revokeFleet"), APPENDED);

  private final Database database;
  private final AuditChain audit;

  public PostgresFleetApiKeys(Database database, AuditChain audit) {
    this.database = database;
    this.audit = audit;
  }

  @Override
  public List<FleetKey> list() {
    return database.read(connection -> live(connection, null)).stream().map(Live::entry).toList();
  }

  @Override
  public UUID create(
      String name,
      ApiKeyDigest digest,
      Set<Scope> scopes,
      Optional<Instant> expiresAt,
      Actor actor) {
    NewKey key = NewKey.of(name, digest, scopes, expiresAt);
    return database.transact(connection -> {
      Platform platform = Platform.lock(connection);
      UUID id = UuidV7.at(platform.now());
      try (NamedStatement statement = NamedStatement.of(connection, CREATE)) {
        record(statement, platform, key.addition(actor, AuditLayer.PLATFORM));
        key.bind(statement, id, Optional.empty(), platform.now()).run();
      }
      return id;
    });
  }

  @Override
  public boolean revoke(UUID keyId, Actor actor) {
    return database.transact(connection -> {
      Platform platform = Platform.lock(connection);
      Optional<Live> found = live(connection, keyId).stream().findFirst();
      if (found.isEmpty()) {
        return false;
      }
      try (NamedStatement statement = NamedStatement.of(connection, REVOKE)) {
        record(statement, platform, found.get().key().removal(actor, AuditLayer.PLATFORM));
        statement.uuid("key_id", keyId).time("now", platform.now()).run();
      }
      return true;
    });
  }

  /** Binds what the audit row of a change needs. */
  private void record(NamedStatement statement, Platform platform, AuditEntry entry)
      throws SQLException {
    AuditChain.Links links =
        audit.link(AuditChain.INSTALLATION, platform.auditHead(), platform.now(), List.of(entry));
    links.bind(statement);
    statement
        .bigint("audit_seq", links.head().seq())
        .bytes("audit_hash", HexFormat.of().parseHex(links.head().hash()));
  }

  private static List<Live> live(Connection connection, @Nullable UUID keyId) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, LIST)) {
      ResultSet row = statement.uuid("key_id", keyId).run().nextRows();
      List<Live> found = new ArrayList<>();
      while (row.next()) {
        found.add(Live.of(row));
      }
      return found;
    }
  }

  /** A key that is in force, with what only the audit needs. */
  private record Live(FleetKey entry, NewKey key) {
    static Live of(ResultSet row) throws SQLException {
      FleetKey entry =
          new FleetKey(
              Objects.requireNonNull(row.getObject("key_id", UUID.class)),
              row.getString("name"),
              KeyRows.scopes(row),
              WorkspaceRows.requiredTime(row, "created_at"),
              WorkspaceRows.time(row, "expires_at"));
      ApiKeyDigest digest = new ApiKeyDigest(row.getString("digest"));
      return new Live(entry, new NewKey(entry.name(), digest, entry.scopes(), entry.expiresAt()));
    }
  }
}
