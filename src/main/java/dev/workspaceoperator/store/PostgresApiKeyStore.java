package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.ApiKeyStore;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Snapshot;
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
  private static final Sql LOCK_PLATFORM = Sql.load("apikeys/lockPlatform");
  private static final Sql INSERT_KEY = Sql.load("apikeys/insertKey");
  private static final Sql RECORD_FOR_FLEET =
      Sql.pipeline(AuditChain.APPEND, Sql.load("audit/movePlatformHead"));

  private final Database database;
  private final AuditChain audit;
  private final WorkspaceWrites workspaces;

  public PostgresApiKeyStore(Database database, AuditChain audit) {
    this.database = database;
    this.audit = audit;
    this.workspaces = new WorkspaceWrites(audit);
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
    return database.transactAndTell((connection, news) -> {
      Snapshot before =
          WorkspaceWrites.lock(connection, workspaceId)
              .orElseThrow(
                  () -> new IllegalArgumentException("there is no workspace " + workspaceId));
      UUID id = insert(connection, key, "Runtime", Optional.of(workspaceId), before.now());
      workspaces.record(
          connection,
          news,
          before.workspace(),
          before.now(),
          WorkspaceWrites.Step.RUNTIME,
          List.of(key.entry(actor, AuditLayer.RUNTIME)));
      return id;
    });
  }

  @Override
  public UUID createForFleet(
      String name,
      ApiKeyDigest digest,
      Set<Scope> scopes,
      Optional<Instant> expiresAt,
      String actor) {
    NewKey key = new NewKey(name, digest, scopes, expiresAt);
    return database.transact(connection -> {
      Head head = lockPlatform(connection);
      UUID id = insert(connection, key, "Fleet", Optional.empty(), head.now());
      AuditEntry entry = key.entry(actor, AuditLayer.PLATFORM);
      AuditChain.Links links =
          audit.link(AuditChain.INSTALLATION, head.audit(), head.now(), List.of(entry));
      try (Call call = Call.of(connection, RECORD_FOR_FLEET)) {
        links.bind(call);
        call.bigint("audit_seq", links.head().seq())
            .bytes("audit_hash", HexFormat.of().parseHex(links.head().hash()))
            .run();
      }
      return id;
    });
  }

  private static Head lockPlatform(Connection connection) throws SQLException {
    try (Call call = Call.of(connection, LOCK_PLATFORM)) {
      ResultSet row = call.run().nextRows();
      row.next();
      return new Head(WorkspaceRows.requiredTime(row, "now"), WorkspaceRows.head(row));
    }
  }

  private static UUID insert(
      Connection connection, NewKey key, String source, Optional<UUID> workspaceId, Instant now)
      throws SQLException {
    UUID id = UuidV7.at(now);
    try (Call call = Call.of(connection, INSERT_KEY)) {
      call.bytes("digest", HexFormat.of().parseHex(key.digest().hex()))
          .uuid("key_id", id)
          .uuid("workspace_id", workspaceId.orElse(null))
          .text("name", key.name())
          .texts("scopes", key.scopes().stream().map(Scope::label).sorted().toList())
          .text("source", source)
          .time("now", now)
          .time("expires_at", key.expiresAt().orElse(null))
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
