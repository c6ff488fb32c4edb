package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.ApiKeyStore;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.Scope;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** API keys that no manifest lists, in PostgreSQL. */
public final class PostgresApiKeyStore implements ApiKeyStore {
  private static final Sql LOCK_WORKSPACE = Sql.load("apikeys/lockWorkspace");
  private static final Sql LOCK_PLATFORM = Sql.load("apikeys/lockPlatform");
  private static final Sql INSERT_KEY = Sql.load("apikeys/insertKey");
  private static final Sql CREATE_FOR_WORKSPACE =
      Sql.pipeline(INSERT_KEY, AuditChain.APPEND, Sql.load("audit/moveWorkspaceHead"));
  private static final Sql CREATE_FOR_FLEET =
      Sql.pipeline(INSERT_KEY, AuditChain.APPEND, Sql.load("audit/movePlatformHead"));

  private final Database database;
  private final AuditChain audit;

  public PostgresApiKeyStore(Database database, AuditChain audit) {
    this.database = database;
    this.audit = audit;
  }

  @Override
  public UUID createForWorkspace(
      UUID workspaceId,
      String name,
      ApiKeyDigest digest,
      Set<Scope> scopes,
      Optional<Instant> expiresAt,
      String actor) {
    if (scopes.stream().anyMatch(Scope::isFleet)) {
      throw new IllegalArgumentException("a workspace's key cannot have a fleet scope");
    }
    NewKey key = new NewKey(name, digest, scopes, expiresAt);
    return database.transact(connection -> {
      Head head = head(connection, LOCK_WORKSPACE, Optional.of(workspaceId));
      AuditEntry entry = key.entry(actor, AuditLayer.RUNTIME);
      AuditChain.Links links = audit.link(workspaceId, head.audit(), head.now(), List.of(entry));
      return insert(
          connection, CREATE_FOR_WORKSPACE, key, "Runtime", Optional.of(workspaceId), links);
    });
  }

  @Override
  public UUID createForFleet(
      String name, ApiKeyDigest digest, Set<Scope> scopes, Optional<Instant> expiresAt) {
    NewKey key = new NewKey(name, digest, scopes, expiresAt);
    return database.transact(connection -> {
      Head head = head(connection, LOCK_PLATFORM, Optional.empty());
      AuditEntry entry = key.entry("command key create", AuditLayer.PLATFORM);
      AuditChain.Links links =
          audit.link(AuditChain.INSTALLATION, head.audit(), head.now(), List.of(entry));
      return insert(connection, CREATE_FOR_FLEET, key, "Fleet", Optional.empty(), links);
    });
  }

  private static Head head(Connection connection, Sql sql, Optional<UUID> workspaceId)
      throws SQLException {
    try (Call call = Call.of(connection, sql)) {
      if (workspaceId.isPresent()) {
        call.uuid("workspace_id", workspaceId.get());
      }
      ResultSet row = call.run().nextRows();
      if (!row.next()) {
        throw new IllegalArgumentException("there is no workspace " + workspaceId.orElse(null));
      }
      return new Head(WorkspaceRows.requiredTime(row, "now"), WorkspaceRows.head(row));
    }
  }

  private static UUID insert(
      Connection connection,
      Sql sql,
      NewKey key,
      String source,
      Optional<UUID> workspaceId,
      AuditChain.Links links)
      throws SQLException {
    UUID id = UuidV7.at(links.time());
    try (Call call = Call.of(connection, sql)) {
      links.bind(call);
      call.bytes("digest", HexFormat.of().parseHex(key.digest().hex()))
          .uuid("key_id", id)
          .uuid("workspace_id", workspaceId.orElse(null))
          .text("name", key.name())
          .texts("scopes", key.scopes().stream().map(Scope::label).sorted().toList())
          .text("source", source)
          .time("now", links.time())
          .time("expires_at", key.expiresAt().orElse(null))
          .bigint("audit_seq", links.head().seq())
          .bytes("audit_hash", HexFormat.of().parseHex(links.head().hash()))
          .run();
    }
    return id;
  }

  private record Head(Instant now, AuditHead audit) {}

  private record NewKey(
      String name, ApiKeyDigest digest, Set<Scope> scopes, Optional<Instant> expiresAt) {
    AuditEntry entry(String actor, AuditLayer layer) {
      return AuditEntry.of(
          actor,
          layer,
          "api_keys/" + name,
          Optional.empty(),
          Optional.of(DeclaredChange.keyJson(digest, scopes, expiresAt)));
    }
  }
}
