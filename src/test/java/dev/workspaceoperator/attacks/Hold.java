package dev.workspaceoperator.attacks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** The lock of a workspace's row, in the hand of somebody at the database. */
final class Hold {
  private final AttackLab lab;
  private @Nullable Connection connection;

  Hold(AttackLab lab) {
    this.lab = lab;
  }

  void take(Tenant tenant) throws SQLException {
    Connection made = lab.connect();
    connection = made;
    made.setAutoCommit(false);
    try (Statement statement = made.createStatement()) {
      statement.execute(
          "SELECT 1 FROM workspace WHERE workspace_id = '%s' FOR UPDATE".formatted(tenant.id()));
    }
  }

  void close() throws SQLException {
    if (connection != null) {
      connection.close();
    }
  }
}
