package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import java.sql.ResultSet;

/** The key that all replicas share, by which they know each other's admissions again. */
public final class SettlementKey {
  private static final Sql KEY = Sql.load("settlement/key");

  private SettlementKey() {}

  /**
   * The installation's key: 32 bytes, made with the schema, never shown.
   *
   * @throws dev.workspaceoperator.workspace.port.StoreUnavailableException if it cannot be read now
   */
  public static byte[] read(Database database) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, KEY)) {
        ResultSet row = statement.run().nextRows();
        if (!row.next()) {
          throw new IllegalStateException(
              "The table settlement_key is empty. Its row was made with the schema: restore it from a backup.");
        }
        return row.getBytes("key");
      }
    });
  }
}
