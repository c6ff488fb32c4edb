package dev.workspaceoperator.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.SslMode;
import org.postgresql.util.PSQLState;

/** Opens connections with a timeout on everything and the password as it is now. */
public final class ConnectionSource extends PGSimpleDataSource {
  private static final long serialVersionUID = 1L;

  /** Beyond the statement timeout, so that the server's own answer comes first. */
  private static final Duration SOCKET_GRACE_MAX = Duration.ofSeconds(2);

  /**
   * Each statement is planned once a connection, not at each use, which would cost more than
   * running it. Statements find their rows by key, so a plan that was made while a table was small
   * must use the key as well.
   */
  private static final String KEYED_PLANS =
      "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

  private static final List<String> SSL_MODES =
      Arrays.stream(SslMode.values()).map(mode -> mode.value).toList();

  private static final Pattern PARAMETER = Pattern.compile("[A-Za-z_]+");

  private final transient Optional<Path> passwordFile;

  private ConnectionSource(DatabaseSettings settings, Timeouts timeouts) {
    this.passwordFile = settings.passwordFile();
    DatabaseUrl url = DatabaseUrl.parse(settings.url());
    setUrl("jdbc:postgresql://" + url.hosts() + "/");
    setDatabaseName(url.database());
    setApplicationName("workspace-operator");
    setTcpKeepAlive(true);
    setConnectTimeout(seconds(settings.connectTimeout()));
    setLoginTimeout(seconds(settings.connectTimeout().multipliedBy(2)));
    setSocketTimeout(seconds(timeouts.socket()));
    setPrepareThreshold(3);
    setOptions(timeouts.options());
    url.user().ifPresent(this::setUser);
    url.password().ifPresent(this::setPassword);
    for (var parameter : url.parameters().entrySet()) {
      if (!set(parameter.getKey(), parameter.getValue(), timeouts)) {
        throw unknown(url, parameter.getKey());
      }
    }
  }

  /** Whether there is such a parameter. */
  private boolean set(String name, String value, Timeouts timeouts) {
    if (name.equals(PGProperty.OPTIONS.getName())) {
      setOptions(timeouts.options() + " " + value);
      return true;
    }
    if (name.equals(PGProperty.SSL_MODE.getName())
        && SSL_MODES.stream().noneMatch(value::equalsIgnoreCase)) {
      throw new IllegalArgumentException(
          "sslmode in the database URL must be one of " + String.join(", ", SSL_MODES));
    }
    try {
      setProperty(name, value);
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  /** With its name, unless that may be a piece of a password. */
  private static IllegalArgumentException unknown(DatabaseUrl url, String name) {
    boolean isPrinted = url.password().isEmpty() && PARAMETER.matcher(name).matches();
    return new IllegalArgumentException(
        "the database URL has a parameter that pgjdbc does not know%s; in a password write %%26 for an ampersand"
            .formatted(isPrinted ? ", " + name : ""));
  }

  /** For short transactions. */
  static ConnectionSource forWork(DatabaseSettings settings) {
    return new ConnectionSource(
        settings,
        new Timeouts(
            socketTimeout(settings),
            KEYED_PLANS
                + " -c statement_timeout=%d -c lock_timeout=%d -c idle_in_transaction_session_timeout=%d"
                    .formatted(
                        settings.statementTimeout().toMillis(),
                        settings.lockTimeout().toMillis(),
                        settings.statementTimeout().multipliedBy(2).toMillis())));
  }

  /**
   * For the gate's batches: short transactions whose statements are planned once and alike, however
   * many rows there are when they are planned.
   */
  public static ConnectionSource forBatches(DatabaseSettings settings) {
    return new ConnectionSource(
        settings,
        new Timeouts(
            socketTimeout(settings),
            ("-c statement_timeout=%d -c lock_timeout=%d -c idle_in_transaction_session_timeout=%d"
                    + " -c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off"
                    + " -c enable_hashjoin=off -c enable_mergejoin=off -c enable_bitmapscan=off"
                    // What a batch looks up, it looks up once: keeping it would cost more.
                    + " -c enable_memoize=off")
                .formatted(
                    settings.statementTimeout().toMillis(),
                    settings.lockTimeout().toMillis(),
                    settings.statementTimeout().toMillis())));
  }

  /**
   * For audits, which read everything there is: no statement timeout, whatever the server's own is,
   * and given up only after a day of silence. A dead connection is told by TCP long before.
   */
  public static ConnectionSource forAudits(DatabaseSettings settings) {
    return new ConnectionSource(
        settings,
        new Timeouts(
            Duration.ofDays(1),
            "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=60000"));
  }

  /** For migrations: patient, yet not for ever. */
  static ConnectionSource forLongWork(DatabaseSettings settings) {
    return new ConnectionSource(
        settings, new Timeouts(Duration.ofMinutes(15), "-c lock_timeout=60000"));
  }

  /**
   * For a connection that mostly listens; what it asks is answered within this time or it is dead.
   */
  static ConnectionSource forListening(DatabaseSettings settings, Duration answerTimeout) {
    return new ConnectionSource(
        settings,
        new Timeouts(answerTimeout, "-c statement_timeout=%d".formatted(answerTimeout.toMillis())));
  }

  @Override
  public Connection getConnection() throws SQLException {
    return getConnection(getUser(), currentPassword());
  }

  private String currentPassword() throws SQLException {
    if (passwordFile.isEmpty()) {
      String password = getPassword();
      return password == null ? "" : password;
    }
    try {
      return Files.readString(passwordFile.get()).strip();
    } catch (IOException e) {
      throw new SQLTransientConnectionException(
          "the database's password file cannot be read: " + passwordFile.get(),
          PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState(),
          e);
    }
  }

  private static Duration socketTimeout(DatabaseSettings settings) {
    Duration statement = settings.statementTimeout();
    Duration grace = statement.compareTo(SOCKET_GRACE_MAX) < 0 ? statement : SOCKET_GRACE_MAX;
    return statement.plus(grace);
  }

  private static int seconds(Duration duration) {
    return Math.max(1, Math.toIntExact(duration.plusMillis(999).toSeconds()));
  }

  /**
   * What bounds a connection's waiting.
   *
   * @param socket longest silence of the server
   * @param options settings of the session, as the startup packet has them
   */
  private record Timeouts(Duration socket, String options) {}
}
