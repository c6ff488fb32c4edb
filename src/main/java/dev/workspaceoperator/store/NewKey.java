package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.Actor;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** An API key that no manifest lists, as it is stored and audited. */
record NewKey(String name, ApiKeyDigest digest, Set<Scope> scopes, Optional<Instant> expiresAt) {
  static final Sql INSERT = Sql.load("apikeys/insertKey");

  /** The last moment that ISO 8601 writes with four digits; a key that ends later never ends. */
  private static final Instant LATEST_END = Instant.parse("9999-12-31T23:59:59.999999Z");

  NewKey {
    scopes = Set.copyOf(scopes);
  }

  /** A key whose end is one that PostgreSQL keeps as it is: in microseconds. */
  static NewKey of(
      String name, ApiKeyDigest digest, Set<Scope> scopes, Optional<Instant> expiresAt) {
    return new NewKey(
        name,
        digest,
        scopes,
        expiresAt
            .map(at -> at.isAfter(LATEST_END) ? LATEST_END : at)
            .map(at -> at.truncatedTo(ChronoUnit.MICROS)));
  }

  /** The name in audit rows and refusals. */
  String field() {
    return "api_keys/" + name;
  }

  AuditEntry addition(Actor actor, AuditLayer layer) {
    return entry(actor, layer, Optional.empty(), Optional.of(json()));
  }

  AuditEntry removal(Actor actor, AuditLayer layer) {
    return entry(actor, layer, Optional.of(json()), Optional.empty());
  }

  /**
   * Binds the parameters of {@code apikeys/insertKey.sql}.
   *
   * @param workspaceId empty for a key of the whole installation
   */
  NamedStatement bind(NamedStatement statement, UUID id, Optional<UUID> workspaceId, Instant now)
      throws SQLException {
    return statement
        .bytes("digest", HexFormat.of().parseHex(digest.hex()))
        .uuid("key_id", id)
        .uuid("workspace_id", workspaceId.orElse(null))
        .text("name", name)
        .texts("scopes", scopes.stream().map(Scope::label).sorted().toList())
        .text("source", workspaceId.isPresent() ? "Runtime" : "Fleet")
        .time("now", now)
        .time("expires_at", expiresAt.orElse(null));
  }

  private String json() {
    return DeclaredChange.keyJson(digest, scopes, expiresAt);
  }

  private AuditEntry entry(
      Actor actor, AuditLayer layer, Optional<String> before, Optional<String> after) {
    return new AuditEntry(
        actor.name(), layer, field(), before, after, Optional.empty(), actor.requestId());
  }
}
