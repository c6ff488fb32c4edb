package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.KillLatch;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * What holds for the whole installation, locked until the transaction ends.
 *
 * @param now the database's clock
 * @param latch the Platform latch, if it is engaged
 * @param auditHead the head of the installation's audit chain
 */
record Platform(Instant now, Optional<KillLatch> latch, AuditHead auditHead) {
  private static final Sql LOCK = Sql.load("platform/lock");
  private static final Sql LATCH = Sql.load("platform/latch");

  static Platform lock(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, LOCK)) {
      ResultSet row = statement.run().nextRows();
      requireRow(row);
      return new Platform(
          WorkspaceRows.requiredTime(row, "now"), latch(row), WorkspaceRows.head(row));
    }
  }

  /** The Platform latch alone, as it is now. */
  static Optional<KillLatch> latch(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, LATCH)) {
      ResultSet row = statement.run().nextRows();
      requireRow(row);
      return latch(row);
    }
  }

  private static void requireRow(ResultSet row) throws SQLException {
    if (!row.next()) {
      throw new IllegalStateException("the table platform has lost its row");
    }
  }

  private static Optional<KillLatch> latch(ResultSet row) throws SQLException {
    Optional<String> reason = Optional.ofNullable(row.getString("kill_switch_reason"));
    return WorkspaceRows.time(row, "kill_switch_since")
        .map(since -> new KillLatch(KillLatch.Holder.PLATFORM, since, reason));
  }
}
