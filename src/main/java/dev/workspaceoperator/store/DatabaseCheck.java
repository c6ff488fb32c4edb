package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.DatabaseUrl;
import dev.workspaceoperator.sql.SqlStates;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLState;

/**
 * The look at a database that comes before its use: whatever is wrong with it is told at once, with
 * how to mend it, rather than later, one by one, as errors of a request.
 */
public final class DatabaseCheck {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(5);
  private static final String NO_SUCH_DATABASE = "3D000";

  /** What PgBouncer says of a startup parameter that it does not pass on. */
  private static final Pattern REFUSED_PARAMETER =
      Pattern.compile("unsupported startup parameter(?: in options)?: (\\w+)");

  private DatabaseCheck() {}

  /**
   * Looks at it, once.
   *
   * @throws UnfitDatabaseException if something is wrong with it
   * @throws StoreUnavailableException if it cannot be reached, or is a standby now
   */
  public static void require(DatabaseSettings settings) {
    require(settings, Session.ANY, _ -> {});
  }

  /**
   * As {@link #require}, for whoever only reads: the role need not own, or be able to make,
   * anything, and a standby will do.
   *
   * @param remark told in a sentence of a standby, which may lack what is newest
   */
  public static void requireReadable(DatabaseSettings settings, Consumer<String> remark) {
    require(settings, Session.READING, remark);
  }

  private static void require(DatabaseSettings settings, Session session, Consumer<String> remark) {
    ConnectionSource source = ConnectionSource.forWork(settings);
    try (Connection bare = source.bare()) {
      if (require(settings, source, bare, session).standby()) {
        remark.accept(
            "It is a standby, and what it has not replayed yet is not looked at: give the"
                + " primary's address for the newest.");
      }
    } catch (SQLException e) {
      throw explained(settings, e);
    }
  }

  /**
   * Waits for it, then looks at it.
   *
   * @param patience how long to wait for a database that is not up yet
   * @param progress told what is going on, one line at a time
   * @throws UnfitDatabaseException if something is wrong with it
   * @throws StoreUnavailableException if it is not there in time
   */
  public static void await(DatabaseSettings settings, Duration patience, Consumer<String> progress)
      throws InterruptedException {
    ConnectionSource source = ConnectionSource.forWork(settings);
    boolean _ = await(settings, source, Session.ANY, patience, progress, _ -> true);
  }

  /** As {@link #await}, with something that is done on the session once it is known to be good. */
  static boolean await(
      DatabaseSettings settings,
      ConnectionSource source,
      Session session,
      Duration patience,
      Consumer<String> progress,
      Look look)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    long nextLine = System.nanoTime();
    while (true) {
      try (Connection bare = source.bare()) {
        Fitness _ = require(settings, source, bare, session);
        return look.at(source.begin(bare));
      } catch (SQLException e) {
        RuntimeException explained = explained(settings, e);
        long now = System.nanoTime();
        if (!(explained instanceof StoreUnavailableException) || now - deadline >= 0) {
          throw explained;
        }
        if (now - nextLine >= 0) {
          progress.accept(
              "waiting for the database %s: %s"
                  .formatted(DatabaseUrl.parse(settings.url()), SqlStates.told(e)));
          nextLine = now + PROGRESS_INTERVAL.toNanos();
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  private static Fitness require(
      DatabaseSettings settings, ConnectionSource source, Connection bare, Session session)
      throws SQLException {
    Fitness fitness = Fitness.of(bare);
    List<String> mistakes =
        new ArrayList<>(
            session == Session.READING
                ? fitness.mistakesOfReading()
                : fitness.mistakes(settings.durability()));
    if (!fitness.isOwnSession()) {
      if (session == Session.OWN && isShared(source, bare)) {
        mistakes.add(
            "A pooler in transaction mode stands before it, where neither migrations nor"
                + " notifications go through: give the address of PostgreSQL itself, by"
                + " --database-listen-url or to the command migrate.");
      }
      if (source.preparesAnywhere()) {
        addPrepared(source, bare, mistakes);
      }
    }
    if (!mistakes.isEmpty()) {
      throw new UnfitDatabaseException(DatabaseUrl.parse(settings.url()), mistakes);
    }
    if (fitness.standby() && session != Session.READING) {
      // Passing: it, or another host of the address, is a primary soon.
      throw new SQLTransientConnectionException(
          ConnectionSource.IS_STANDBY, PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState());
    }
    return fitness;
  }

  /** Two clients that prepare the same name: only a pooler that keeps track tells them apart. */
  private static void addPrepared(ConnectionSource source, Connection bare, List<String> mistakes)
      throws SQLException {
    try (Connection other = source.bare()) {
      for (Connection client : List.of(bare, other, bare)) {
        prepare(client);
      }
    } catch (SQLException e) {
      if (SqlStates.isOfPreparedStatement(e)) {
        mistakes.add(
            "A pooler stands before it that keeps no track of prepared statements: leave"
                + " prepareThreshold out of the database URL, or use PgBouncer 1.21 or newer with"
                + " max_prepared_statements above 0.");
      } else {
        throw e;
      }
    }
  }

  private static void prepare(Connection client) throws SQLException {
    int usual = client.unwrap(PGConnection.class).getPrepareThreshold();
    client.unwrap(PGConnection.class).setPrepareThreshold(1);
    try (PreparedStatement statement = client.prepareStatement("SELECT 1");
        ResultSet row = statement.executeQuery()) {
      row.next();
    } finally {
      client.unwrap(PGConnection.class).setPrepareThreshold(usual);
    }
  }

  /** Whether two clients are given one session, or one client two. */
  private static boolean isShared(ConnectionSource source, Connection first) throws SQLException {
    long own = number(first);
    try (Connection second = source.bare()) {
      long other = number(second);
      return other == own || number(second) != other || number(first) != own;
    }
  }

  private static long number(Connection client) throws SQLException {
    client.unwrap(PGConnection.class).setPrepareThreshold(0);
    try (PreparedStatement statement = client.prepareStatement("SELECT pg_backend_pid()");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** As {@link Database#translated}, with what is no passing state of a database in a sentence. */
  private static RuntimeException explained(DatabaseSettings settings, SQLException e) {
    DatabaseUrl url = DatabaseUrl.parse(settings.url());
    Matcher refused = REFUSED_PARAMETER.matcher(String.valueOf(e.getMessage()));
    if (refused.find()) {
      return new UnfitDatabaseException(
          url,
          List.of(
              "A pooler stands before it that does not take %s: leave options out of the database URL, or add %s to the pooler's ignore_startup_parameters."
                  .formatted(refused.group(1), refused.group(1))));
    }
    if (NO_SUCH_DATABASE.equals(e.getSQLState())) {
      return new UnfitDatabaseException(
          url,
          List.of(
              "There is no database of this name: CREATE DATABASE \"%s\" TEMPLATE template0 ENCODING 'UTF8', with the role of the URL as its OWNER."
                  .formatted(url.database())));
    }
    return Database.translated(e);
  }

  /** What a session is needed for. */
  enum Session {
    /** Transactions that only read. */
    READING,
    /** Transactions alone, which a pooler may send to any. */
    ANY,
    /** Migrations and notifications too, which live as long as it does. */
    OWN
  }

  /** What is done on a session. */
  @FunctionalInterface
  interface Look {
    /** Does it, and tells what was found. */
    boolean at(Connection connection) throws SQLException;
  }
}
