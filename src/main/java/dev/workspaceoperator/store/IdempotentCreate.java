package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.Standbys;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes something in a workspace, once a caller's key (I6). The lock of the workspace's row lets
 * one request after the other look for the key, so that of two twins the second finds what the
 * first has made.
 *
 * @param <T> what is made
 */
abstract class IdempotentCreate<T> {
  private static final Sql FIND = Sql.load("idempotency/find");
  private static final Sql KEEP = Sql.load("idempotency/keep");

  private final String kind;

  /** Makes things of one kind, as {@code idempotency_key.effect_kind} has it. */
  IdempotentCreate(String kind) {
    this.kind = kind;
  }

  /** Makes one in a workspace that is locked, or refuses. */
  abstract Outcome<T> make(
      Connection connection, PendingNotifications notifications, Snapshot workspace)
      throws SQLException;

  /** What was made earlier, as it was then; empty if it is gone for good. */
  abstract Optional<T> load(Connection connection, UUID workspaceId, UUID id) throws SQLException;

  /** The identity of what was made. */
  abstract UUID idOf(T made);

  /** Refused: NotFound, IdempotencyKeyReused, and as {@link #make} refuses. */
  final Outcome<Created<T>> run(
      Database database, UUID workspaceId, Optional<IdempotencyKey> idempotency) {
    return database.transactAndTell((connection, notifications) -> {
      Optional<Snapshot> locked = WorkspaceWrites.lock(connection, workspaceId);
      if (locked.isEmpty()) {
        return Outcome.refused(new Refusal.NotFound());
      }
      Instant now = locked.get().now();
      Optional<Outcome<Created<T>>> earlier =
          idempotency.isEmpty()
              ? Optional.empty()
              : replay(connection, workspaceId, idempotency.get(), now);
      if (earlier.isPresent()) {
        Standbys.await(connection);
        return earlier.get();
      }
      return switch (make(connection, notifications, locked.get())) {
        case Outcome.Refused<T>(Refusal refusal) -> Outcome.refused(refusal);
        case Outcome.Done<T>(T made) -> {
          if (idempotency.isPresent()) {
            keep(connection, workspaceId, idempotency.get(), idOf(made), now);
          }
          yield Outcome.done(new Created<>(made, false));
        }
      };
    });
  }

  private Optional<Outcome<Created<T>>> replay(
      Connection connection, UUID workspaceId, IdempotencyKey idempotency, Instant now)
      throws SQLException {
    UUID id;
    try (NamedStatement statement = NamedStatement.of(connection, FIND)) {
      statement.uuid("workspace_id", workspaceId).text("key", idempotency.key()).time("now", now);
      ResultSet row = statement.run().nextRows();
      if (!row.next()) {
        return Optional.empty();
      }
      if (!row.getString("fingerprint").equals(idempotency.fingerprint())
          || !row.getString("effect_kind").equals(kind)) {
        return Optional.of(Outcome.refused(new Refusal.IdempotencyKeyReused()));
      }
      id = Objects.requireNonNull(row.getObject("effect_id", UUID.class));
    }
    return Optional.of(
        load(connection, workspaceId, id)
            .map(made -> Outcome.done(new Created<>(made, true)))
            .orElseGet(() -> Outcome.refused(new Refusal.NotFound())));
  }

  private void keep(
      Connection connection, UUID workspaceId, IdempotencyKey idempotency, UUID id, Instant now)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, KEEP)) {
      statement
          .uuid("workspace_id", workspaceId)
          .text("key", idempotency.key())
          .text("fingerprint", idempotency.fingerprint())
          .text("effect_kind", kind)
          .uuid("effect_id", id)
          .time("now", now)
          .run();
    }
  }
}
