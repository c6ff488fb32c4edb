package dev.workspaceoperator.store;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL's error codes mean to this program (PostgreSQL manual, appendix A). */
final class SqlStates {
  static final String UNIQUE_VIOLATION = "23505";

  /** The transaction lost against another: at once again is right. */
  private static final Set<String> LOST_A_RACE = Set.of("40001", "40P01");

  /**
   * Passing: too many connections, a primary that has become a standby, and the two timeouts that
   * this program itself sets (lock_not_available, query_canceled).
   */
  private static final Set<String> PASSING = Set.of("53300", "25006", "55P03", "57014");

  private SqlStates() {}

  /** Whether the same transaction may go through if it is repeated at once. */
  static boolean isLostRace(SQLException e) {
    return LOST_A_RACE.contains(state(e));
  }

  /** Whether trying again later is right; anything else is a bug. */
  static boolean isTransient(SQLException e) {
    String state = state(e);
    return e instanceof SQLTransientConnectionException
        || isLostRace(e)
        || state.startsWith("08")
        || state.startsWith("57P0")
        || PASSING.contains(state);
  }

  private static String state(SQLException e) {
    @Nullable String state = e.getSQLState();
    return state == null ? "" : state;
  }
}
