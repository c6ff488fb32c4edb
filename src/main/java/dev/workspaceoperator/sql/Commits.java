package dev.workspaceoperator.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/**
 * COMMITs that are done where it counts. PostgreSQL answers a COMMIT whose wait for a synchronous
 * standby was cancelled ({@code pg_cancel_backend}) as done, with a warning: it is on the primary
 * alone, and lost if that one is (PostgreSQL manual, "Synchronous Replication"). To this program
 * its outcome is not known.
 */
public final class Commits {
  /** The warning's SQLSTATE, which nothing else in a transaction of this program has. */
  private static final String WARNING = "01000";

  /** transaction_resolution_unknown. */
  private static final String UNKNOWN = "08007";

  private Commits() {}

  /**
   * Commits.
   *
   * @throws SQLException as a COMMIT does; of class 08 if it is on the primary alone
   */
  public static void commit(Connection connection) throws SQLException {
    connection.clearWarnings();
    connection.commit();
    requireReplicated(connection.getWarnings());
  }

  /** Looks at what came with the answer of a COMMIT; errors as {@link #commit}. */
  static void requireReplicated(@Nullable SQLWarning first) throws SQLException {
    for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
      if (WARNING.equals(warning.getSQLState())) {
        throw new SQLTransientConnectionException(
            "committed on the primary alone: " + warning.getMessage(), UNKNOWN, warning);
      }
    }
  }
}
