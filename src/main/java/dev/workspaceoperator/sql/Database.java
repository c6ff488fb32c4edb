package dev.workspaceoperator.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.workspaceoperator.trace.TraceContext;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded pool of connections, and the one place where an {@link SQLException} becomes either a
 * {@link StoreUnavailableException} (passing) or a {@link DatabaseBugException}.
 */
public final class Database implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Database.class);
  private static final int ATTEMPTS = 4;
  private static final Duration COMMENT_EVERY = Duration.ofMillis(100);

  private final HikariDataSource pool;
  private final Announcer announcer;
  private final Duration patience;
  private final TraceComments comments = new TraceComments(COMMENT_EVERY);
  private volatile Optional<DatabaseMetrics> metrics = Optional.empty();

  private Database(HikariDataSource pool, Duration patience) {
    this.pool = pool;
    this.patience = patience;
    this.announcer = new Announcer(pool);
  }

  /** Opens a pool; the database need not be up yet. */
  public static Database open(DatabaseSettings settings) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("workspace-operator");
    config.setDataSource(ConnectionSource.forWork(settings));
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(Math.min(2, settings.poolSize()));
    config.setConnectionTimeout(settings.borrowTimeout().toMillis());
    config.setValidationTimeout(Math.min(1000, settings.borrowTimeout().toMillis()));
    config.setInitializationFailTimeout(-1);
    config.setKeepaliveTime(Duration.ofMinutes(1).toMillis());
    if (config.getMinimumIdle() < settings.poolSize()) {
      config.setIdleTimeout(Duration.ofMinutes(5).toMillis());
    }
    config.setMaxLifetime(Duration.ofMinutes(10).toMillis());
    return new Database(
        new HikariDataSource(config), settings.borrowTimeout().plus(settings.statementTimeout()));
  }

  /**
   * Tells how this pool fares from now on.
   *
   * @param name of the pool in metrics, such as {@code requests}
   */
  public Database watched(String name, MeterRegistry registry) {
    metrics = Optional.of(new DatabaseMetrics(name, pool, registry));
    return this;
  }

  /** How long one statement may take at most, a connection for it included. */
  public Duration patience() {
    return patience;
  }

  /** The pool, for callers that run transactions of their own. */
  public DataSource pool() {
    return pool;
  }

  /**
   * Runs one transaction and commits it. It is repeated, a few times at most, when it lost against
   * another; after a lost COMMIT it is unknown whether it happened.
   *
   * @throws StoreUnavailableException if the database cannot be reached or answers with a passing
   *     error
   * @throws DatabaseBugException on any other error of the database
   */
  public <T> T transact(TransactionBody<T> body) {
    return transactAndTell((connection, _) -> body.run(connection));
  }

  /** As {@link #transact}; what it has to tell is announced after the commit. */
  public <T> T transactAndTell(NotifyingTransactionBody<T> body) {
    return timed(() -> transactAndTellNow(body));
  }

  private <T> T transactAndTellNow(NotifyingTransactionBody<T> body) {
    for (int attempt = 1; ; attempt++) {
      try {
        PendingNotifications notifications = new PendingNotifications();
        T result = transactOnce(connection -> body.run(connection, notifications));
        announcer.announce(notifications);
        notifications.committed();
        return result;
      } catch (SQLException e) {
        if (!SqlStates.isLostRace(e) || attempt >= ATTEMPTS) {
          throw translated(e);
        }
        log.debug("a transaction lost against another and is repeated", e);
      }
    }
  }

  /** Runs one statement outside any transaction; errors as {@link #transact}. */
  public <T> T read(TransactionBody<T> body) {
    return timed(() -> readNow(body));
  }

  private <T> T timed(Supplier<T> work) {
    return comments.during(TraceContext.current(), () -> timedNow(work));
  }

  private <T> T timedNow(Supplier<T> work) {
    Optional<DatabaseMetrics> watching = metrics;
    return watching.isPresent() ? watching.get().timed(work) : work.get();
  }

  private <T> T readNow(TransactionBody<T> body) {
    try (Connection connection = pool.getConnection()) {
      return body.run(connection);
    } catch (SQLException e) {
      throw translated(e);
    }
  }

  private <T> T transactOnce(TransactionBody<T> body) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = body.run(connection);
        Commits.commit(connection);
        return result;
      } catch (Throwable e) {
        rollBack(connection, e);
        throw e;
      }
    }
  }

  private static void rollBack(Connection connection, Throwable cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** The exception that tells callers what became of a statement. */
  public static RuntimeException translated(SQLException e) {
    if (SqlStates.isTransient(e)) {
      return new StoreUnavailableException("the database cannot be used now: " + e.getMessage(), e);
    }
    return SqlStates.isMissingInSchema(e)
        ? new SchemaMissingException(e)
        : new DatabaseBugException(e);
  }

  @Override
  public void close() {
    announcer.close();
    pool.close();
  }

  /** What is done with a connection. */
  @FunctionalInterface
  public interface TransactionBody<T> {
    /** Runs; may be run again from the start. */
    T run(Connection connection) throws SQLException;
  }

  /** What is done with a connection, and told once it is committed. */
  @FunctionalInterface
  public interface NotifyingTransactionBody<T> {
    /**
     * Runs; may be run again from the start, with other notifications. May commit with its last
     * statement.
     */
    T run(Connection connection, PendingNotifications notifications) throws SQLException;
  }
}
