package dev.workspaceoperator.store;

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

  static Platform lock(Connection connection) throws SQLException {
    try (Call call = Call.of(connection, LOCK)) {
      ResultSet row = call.run().nextRows();
      if (!row.next()) {
        throw new IllegalStateException("the table platform has lost its row");
      }
      Optional<String> reason = Optional.ofNullable(row.getString("kill_switch_reason"));
      return new Platform(
          WorkspaceRows.requiredTime(row, "now"),
          WorkspaceRows.time(row, "kill_switch_since")
              .map(since -> new KillLatch(KillLatch.Holder.PLATFORM, since, reason)),
          WorkspaceRows.head(row));
    }
  }
}
