package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.Actor;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.FleetApiKeys;
import dev.workspaceoperator.workspace.Scope;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** API keys of the whole installation in PostgreSQL. */
public final class PostgresFleetApiKeys implements FleetApiKeys {
  private static final Sql CREATE =
      Sql.pipeline(NewKey.INSERT, AuditChain.APPEND, Sql.load("audit/movePlatformHead"));

  private final Database database;
  private final AuditChain audit;

  public PostgresFleetApiKeys(Database database, AuditChain audit) {
    this.database = database;
    this.audit = audit;
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
      AuditChain.Links links =
          audit.link(
              AuditChain.INSTALLATION,
              platform.auditHead(),
              platform.now(),
              List.of(key.addition(actor, AuditLayer.PLATFORM)));
      UUID id = UuidV7.at(platform.now());
      try (Call call = Call.of(connection, CREATE)) {
        links.bind(call);
        key.bind(call, id, Optional.empty(), platform.now())
            .bigint("audit_seq", links.head().seq())
            .bytes("audit_hash", HexFormat.of().parseHex(links.head().hash()))
            .run();
      }
      return id;
    });
  }
}
