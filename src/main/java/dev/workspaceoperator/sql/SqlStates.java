package dev.workspaceoperator.sql;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/** What PostgreSQL's error codes mean to this program (PostgreSQL manual, appendix A). */
public final class SqlStates {
  public static final String UNIQUE_VIOLATION = "23505";

  /** undefined_table, undefined_function, undefined_column. */
  private static final Set<String> MISSING_IN_SCHEMA = Set.of("42P01", "42883", "42703");

  /** The transaction lost against another: at once again is right. */
  private static final Set<String> LOST_A_RACE = Set.of("40001", "40P01");

  private static final String TOO_MANY_CONNECTIONS = "53300";

  /**
   * Passing: too many connections, a database that is being put in the place of another one
   * (invalid_catalog_name), a disk without room or that fails (disk_full, io_error), too many open
   * files (insufficient_resources), a primary that has become a standby, the two timeouts that this
   * program itself sets (lock_not_available, query_canceled), and a sign-in that is refused
   * (invalid_password, or invalid_authorization_specification as by pg_hba.conf): PostgreSQL and
   * the Secret are changed at two moments, and the password is read anew for each connection.
   */
  private static final Set<String> PASSING =
      Set.of(
          TOO_MANY_CONNECTIONS,
          "3D000",
          "53000",
          "53100",
          "58030",
          "25006",
          "55P03",
          "57014",
          "28P01",
          "28000");

  /** idle_in_transaction_session_timeout and transaction_timeout end the session too. */
  private static final Set<String> TIMED_OUT_WITH_SESSION = Set.of("25P03", "25P04");

  /** PostgreSQL's routine that finds the partition of a row; its state is that of any CHECK. */
  private static final String FIND_PARTITION = "ExecFindPartition";

  private SqlStates() {}

  /** Whether the same transaction may go through if it is repeated at once. */
  public static boolean isLostRace(SQLException e) {
    return LOST_A_RACE.contains(state(e));
  }

  /** Whether the session has ended: the same on another one may go through at once. */
  public static boolean isLostConnection(SQLException e) {
    return state(e).startsWith("08")
        || state(e).startsWith("57P0")
        || TIMED_OUT_WITH_SESSION.contains(state(e));
  }

  /** Whether the server has worked on it for too long: less at once may go through. */
  public static boolean isTimedOut(SQLException e) {
    return state(e).equals("57014");
  }

  /** Whether somebody else has held a lock for too long. */
  public static boolean isLockedOut(SQLException e) {
    return state(e).equals("55P03");
  }

  /** What the server said, and how to mend it where that is not told by the server. */
  public static String told(Exception e) {
    return e instanceof SQLException refused && state(refused).equals(TOO_MANY_CONNECTIONS)
        ? e.getMessage()
            + ". Raise max_connections, or the CONNECTION LIMIT of the role or the database, or end"
            + " sessions of others that are not needed."
        : String.valueOf(e.getMessage());
  }

  /** Whether a prepared statement is there already, or is not (any more). */
  public static boolean isOfPreparedStatement(SQLException e) {
    return Set.of("42P05", "26000").contains(state(e));
  }

  /** Whether trying again later is right; anything else is a bug. */
  public static boolean isTransient(SQLException e) {
    String state = state(e);
    return e instanceof SQLTransientConnectionException
        || isLostRace(e)
        || isLostConnection(e)
        || isWithoutPartition(e)
        || PASSING.contains(state);
  }

  /**
   * Whether a row has no partition, as after a restore: that of today is made within seconds. It is
   * of one row, and says nothing of others.
   */
  public static boolean isWithoutPartition(SQLException e) {
    return e instanceof PSQLException refused
        && refused.getServerErrorMessage() != null
        && FIND_PARTITION.equals(refused.getServerErrorMessage().getRoutine());
  }

  /** Whether the schema lacks something: it is not this version's, most likely none at all. */
  static boolean isMissingInSchema(SQLException e) {
    return MISSING_IN_SCHEMA.contains(state(e));
  }

  private static String state(SQLException e) {
    @Nullable String state = e.getSQLState();
    return state == null ? "" : state;
  }
}
