package dev.workspaceoperator.sql;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The synchronous standbys that a COMMIT waits for. One of a transaction that has written nothing
 * waits for nobody, and a primary that has crashed meanwhile shows what no standby has.
 */
public final class Standbys {
  private static final Sql AWAIT = Sql.load("awaitStandbys");

  private Standbys() {}

  /**
   * What this transaction has read is told as done though it changes nothing: its COMMIT waits for
   * the standbys that the COMMIT of what was read was to wait for.
   */
  public static void await(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, AWAIT)) {
      statement.run();
    }
  }
}
