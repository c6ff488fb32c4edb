package dev.workspaceoperator.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.core.BaseConnection;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.HostSpec;
import org.postgresql.util.PSQLState;

/** Opens connections with a timeout on everything and the password as it is now. */
public final class ConnectionSource extends PGSimpleDataSource {
  private static final long serialVersionUID = 1L;

  /** Beyond the statement timeout, so that the server's own answer comes first. */
  private static final Duration SOCKET_GRACE_MAX = Duration.ofSeconds(2);

  /** How often a statement is run on a connection before its plan is kept there. */
  private static final int PREPARE_THRESHOLD = 3;

  /** What is said of a server that takes no writes. */
  public static final String IS_STANDBY =
      "it is a standby, which takes no writes: give the primary's address, or all hosts with commas";

  private static final Sql IS_PRIMARY = new Sql("SELECT NOT pg_is_in_recovery()", List.of());

  /** What the target is called where it is the primary alone. */
  private static final Set<String> PRIMARY = Set.of("primary", "master");

  /** A host that is not there is a moment later; pgjdbc would pass it over for 10 s. */
  private static final int HOST_RECHECK_SECONDS = 1;

  private final transient Optional<Path> passwordFile;
  private final transient SessionSettings session;
  private final transient Sharing sharing;
  private final transient boolean preparesAnywhere;
  private final transient boolean seeksPrimary;
  private final transient HostOrder order;

  private ConnectionSource(
      DatabaseSettings settings, Duration socketTimeout, SessionSettings session, Sharing sharing) {
    this.passwordFile = settings.passwordFile();
    this.session = session;
    this.sharing = sharing;
    DatabaseUrl url = DatabaseUrl.parse(settings.url());
    Map<String, String> parameters = DriverParameters.of(url);
    setUrl("jdbc:postgresql://" + url.hosts() + "/");
    this.order = HostOrder.of(getServerNames(), getPortNumbers());
    setDatabaseName(url.database());
    setApplicationName("workspace-operator");
    setTcpKeepAlive(true);
    setSocketFactory(EndingSockets.class.getName());
    setSslfactory(EndingTls.class.getName());
    setConnectTimeout(seconds(settings.connectTimeout()));
    setLoginTimeout(seconds(settings.connectTimeout().multipliedBy(2)));
    setSocketTimeout(seconds(socketTimeout));
    setHostRecheckSeconds(HOST_RECHECK_SECONDS);
    setPrepareThreshold(PREPARE_THRESHOLD);
    url.user().ifPresent(this::setUser);
    url.password().ifPresent(this::setPassword);
    parameters.forEach((name, value) -> {
      try {
        setProperty(name, value);
      } catch (SQLException e) {
        throw new IllegalArgumentException("pgjdbc does not take " + name, e);
      }
    });
    this.seeksPrimary = PRIMARY.contains(String.valueOf(getTargetServerType()));
    if (seeksPrimary) {
      // The driver would take a primary whose sessions read only by default for a standby.
      setTargetServerType("any");
    }
    this.preparesAnywhere =
        parameters.containsKey(PGProperty.PREPARE_THRESHOLD.getName()) && getPrepareThreshold() > 0;
  }

  /** For short transactions. */
  public static ConnectionSource forWork(DatabaseSettings settings) {
    return new ConnectionSource(
        settings,
        socketTimeout(settings),
        SessionSettings.with(
                settings.durability(),
                settings.statementTimeout(),
                settings.lockTimeout(),
                settings.statementTimeout().multipliedBy(2))
            .withKeyedPlans(),
        Sharing.POSSIBLE);
  }

  /**
   * For the gate's batches: short transactions whose statements are planned once and alike, however
   * many rows there are when they are planned.
   */
  public static ConnectionSource forBatches(DatabaseSettings settings) {
    return new ConnectionSource(
        settings,
        socketTimeout(settings),
        SessionSettings.with(
                settings.durability(),
                settings.statementTimeout(),
                settings.lockTimeout(),
                settings.statementTimeout())
            .withKeyedPlans()
            .withPlans(
                Map.of(
                    "enable_hashjoin", "off",
                    "enable_mergejoin", "off",
                    "enable_bitmapscan", "off",
                    // What a batch looks up, it looks up once: keeping it would cost more.
                    "enable_memoize", "off")),
        Sharing.POSSIBLE);
  }

  /**
   * For audits, which read everything there is: no statement timeout, whatever the server's own is,
   * and given up only after a day of silence. A dead connection is told by TCP long before.
   */
  public static ConnectionSource forAudits(DatabaseSettings settings) {
    return new ConnectionSource(
        settings,
        Duration.ofDays(1),
        SessionSettings.with(
            settings.durability(), Duration.ZERO, Duration.ofMinutes(1), Duration.ZERO),
        Sharing.POSSIBLE);
  }

  /** For migrations, which need a session of their own: patient, yet not for ever. */
  public static ConnectionSource forLongWork(DatabaseSettings settings) {
    return new ConnectionSource(
        settings,
        Duration.ofMinutes(15),
        SessionSettings.with(
            settings.durability(), Duration.ZERO, Duration.ofMinutes(1), Duration.ZERO),
        Sharing.NONE);
  }

  /**
   * For a connection that mostly listens, in a session of its own; what it asks is answered within
   * this time or it is dead.
   */
  public static ConnectionSource forListening(DatabaseSettings settings, Duration answerTimeout) {
    return new ConnectionSource(
        settings,
        answerTimeout,
        SessionSettings.with(settings.durability(), answerTimeout, answerTimeout, answerTimeout),
        Sharing.NONE);
  }

  @Override
  public Connection getConnection() throws SQLException {
    Opened opened = open();
    Connection connection = opened.connection();
    try {
      Connection begun = begin(connection);
      Timelines.require(begun);
      order.serves(connection.unwrap(BaseConnection.class).getQueryExecutor().getHostSpec());
      return begun;
    } catch (SQLException | RuntimeException e) {
      // One that was replaced takes connections all the same.
      order.failed(opened.first());
      try {
        connection.close();
      } catch (SQLException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  /** A session with the defaults that the server, the database and the role have for it. */
  public Connection bare() throws SQLException {
    return open().connection();
  }

  private Opened open() throws SQLException {
    String password = currentPassword();
    for (int left = order.count(); ; left--) {
      Opened opened = connect(password);
      if (!seeksPrimary || isPrimary(opened.connection())) {
        return opened;
      }
      opened.connection().close();
      order.failed(opened.first());
      if (left <= 1) {
        throw new SQLTransientConnectionException(
            IS_STANDBY, PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState());
      }
    }
  }

  private Opened connect(String password) throws SQLException {
    int first = order.first();
    try {
      return new Opened(DriverManager.getConnection(url(first), getUser(), password), first);
    } catch (SQLException e) {
      // One that is silent uses up the time that a connection may take.
      order.failed(first);
      throw e;
    }
  }

  private synchronized String url(int first) {
    List<HostSpec> hosts = order.from(first);
    setServerNames(hosts.stream().map(HostSpec::getHost).toArray(String[]::new));
    setPortNumbers(hosts.stream().mapToInt(HostSpec::getPort).toArray());
    return getUrl();
  }

  /**
   * A connection.
   *
   * @param first the place of the host that was to be tried first
   */
  private record Opened(Connection connection, int first) {}

  private static boolean isPrimary(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, Sql.unhurried(IS_PRIMARY))) {
      ResultSet row = statement.run().nextRows();
      return row.next() && row.getBoolean(1);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Sets what is relied on, in a session of our own. A pooler is told by the number that it gives
   * us for the session, which is not that of any process of PostgreSQL: nothing may be set beyond a
   * transaction there, and nothing prepared unless the pooler keeps track of it.
   */
  public Connection begin(Connection connection) throws SQLException {
    PGConnection driver = connection.unwrap(PGConnection.class);
    String isOwn = sharing == Sharing.NONE ? "true" : isOwn(driver);
    Sql set =
        new Sql(
            "SELECT %s AS own, CASE WHEN %s THEN %s END"
                .formatted(isOwn, isOwn, session.forSession()),
            List.of());
    try (NamedStatement statement = NamedStatement.of(connection, Sql.unhurried(set))) {
      ResultSet row = statement.run().nextRows();
      if (row.next() && row.getBoolean("own")) {
        return connection;
      }
    }
    if (!preparesAnywhere) {
      driver.setPrepareThreshold(0);
    }
    return SharedSession.over(connection, preparesAnywhere ? session : session.withoutPlans());
  }

  /** What its sessions are set to. */
  public SessionSettings session() {
    return session;
  }

  /** Whether statements are prepared by way of a pooler too. */
  public boolean preparesAnywhere() {
    return preparesAnywhere;
  }

  /** A condition of SQL: whether PostgreSQL itself answers, and not a pooler. */
  private static String isOwn(PGConnection driver) {
    return "pg_backend_pid() = " + driver.getBackendPID();
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

  /** Whether a pooler may stand in between. */
  private enum Sharing {
    POSSIBLE,
    NONE
  }
}
