package dev.workspaceoperator.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A primary that was replaced is not worked with. Each promotion begins a timeline of the next
 * number (PostgreSQL manual, "Timelines"), so a server of a lower number than this process has seen
 * of the same cluster was replaced, whatever it says itself. Once a newer one is seen, connections
 * to the former primary are ended, also those that wait for its answer: it may be silent, and would
 * be waited for in vain. All connections of a process share what was seen.
 *
 * <p>It is a second line: a process that was never connected to the new primary cannot know of it.
 */
final class Timelines {
  private static final Logger log = LoggerFactory.getLogger(Timelines.class);

  /** Without a timeline on a standby, which has none of its own. */
  private static final Sql LOOK = Sql.load("schema/timeline");

  private static final Map<Long, Timeline> NEWEST = new HashMap<>();

  private Timelines() {}

  /** A number, and the connections of this process to whom has it. */
  private record Timeline(long number, Set<Connection> connections) {
    Timeline(long number) {
      this(number, Collections.newSetFromMap(new WeakHashMap<>()));
    }
  }

  /**
   * Looks at a new connection's server. One that does not tell, as some that only speak
   * PostgreSQL's protocol, is taken as it is.
   *
   * @throws SQLTransientConnectionException if it was replaced
   */
  static void require(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, LOOK)) {
      ResultSet row = statement.run().nextRows();
      row.next();
      long number = row.getLong("timeline");
      if (!row.wasNull()) {
        abort(enter(row.getLong("system"), number, connection));
      }
    } catch (SQLException e) {
      if (SqlStates.isTransient(e)) {
        throw e;
      }
      log.debug("a server does not tell its timeline", e);
    }
  }

  /** The connections to the primary that this one has replaced. */
  private static synchronized List<Connection> enter(
      long system, long number, Connection connection) throws SQLException {
    Timeline newest = NEWEST.computeIfAbsent(system, _ -> new Timeline(number));
    if (number < newest.number()) {
      throw new SQLTransientConnectionException(
          "this server is on timeline %d, and a newer primary of the same cluster, on timeline %d, was seen: it was replaced, so stop it or make it a standby (after a restore that was meant, restart this process)"
              .formatted(number, newest.number()),
          PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState());
    }
    List<Connection> former = List.of();
    if (number > newest.number()) {
      log.warn("timeline {} of the database begins: another server is its primary now", number);
      former = new ArrayList<>(newest.connections());
      newest = new Timeline(number);
      NEWEST.put(system, newest);
    }
    newest.connections().add(connection);
    return former;
  }

  private static void abort(List<Connection> former) {
    for (Connection connection : former) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        log.debug("a connection to a former primary was closed already", e);
      }
    }
  }
}
