package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL on this machine, on 127.0.0.1 only and with everything on that makes a COMMIT
 * durable. Never outlives this JVM. One that a killed JVM left behind on the same directory is
 * stopped, never joined.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final String USER = "workspace_operator";
  private static final String DATABASE = "workspace_operator";
  private static final Duration START_BOUND = Duration.ofSeconds(60);
  private static final Duration STOP_GRACE = Duration.ofSeconds(15);

  private final PostgresBinaries binaries;
  private final Path directory;
  private final FileMutex mutex;
  private final int port;
  private final String password;
  private final Consumer<String> progress;
  private @Nullable EmbeddedProcess process;

  private EmbeddedDatabase(
      PostgresBinaries binaries,
      Path directory,
      FileMutex mutex,
      int port,
      String password,
      Consumer<String> progress) {
    this.binaries = binaries;
    this.directory = directory;
    this.mutex = mutex;
    this.port = port;
    this.password = password;
    this.progress = progress;
  }

  /**
   * Starts one whose data stays in the directory.
   *
   * @param port 0 for the port of the last time if it is free, else a free one
   * @throws IllegalStateException if the port is taken, or another process runs on the directory
   */
  public static EmbeddedDatabase start(Path directory, int port, Consumer<String> progress)
      throws InterruptedException {
    return start(PostgresBinaries.chosen(progress), directory, port, progress);
  }

  /** The same with programs of choice; the directory's data must be of their major version. */
  public static EmbeddedDatabase start(
      PostgresBinaries binaries, Path directory, int port, Consumer<String> progress)
      throws InterruptedException {
    Path absolute = directory.toAbsolutePath().normalize();
    PrivateFiles.createDirectory(absolute);
    FileMutex mutex =
        FileMutex.tryAcquire(absolute.resolve("lock"))
            .orElseThrow(() ->
                new IllegalStateException(
                    "another process runs PostgreSQL on " + absolute + "; stop it first"));
    boolean started = false;
    try {
      PostgresProcess.stopOrphan(absolute, progress);
      initialise(binaries, absolute, progress);
      EmbeddedDatabase database =
          new EmbeddedDatabase(
              binaries,
              absolute,
              mutex,
              choosePort(absolute, port),
              PrivateFiles.read(absolute.resolve("password")).strip(),
              progress);
      database.start();
      started = true;
      return database;
    } finally {
      if (!started) {
        mutex.close();
      }
    }
  }

  /** Starts an empty one on a free port; it ends, and its data goes, with this JVM. */
  public static EmbeddedDatabase startThrowaway(Consumer<String> progress)
      throws InterruptedException {
    return startThrowaway(PostgresBinaries.chosen(progress), progress);
  }

  /** The same with programs of choice. */
  public static EmbeddedDatabase startThrowaway(
      PostgresBinaries binaries, Consumer<String> progress) throws InterruptedException {
    Path directory = ThrowawayDirectory.create();
    EmbeddedDatabase database = start(binaries, directory, 0, progress);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  database.close();
                  Trees.delete(directory);
                },
                "postgres-exit"));
    return database;
  }

  /** {@code postgresql://user:password@127.0.0.1:port/db}, as psql takes it. */
  public String url() {
    return url(DATABASE);
  }

  /** The same for another database of this server. */
  public String url(String database) {
    return serverUrl() + "/" + database;
  }

  /** The address without a database. */
  String serverUrl() {
    return "postgresql://%s:%s@127.0.0.1:%d".formatted(USER, password, port);
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  /** Whether it runs. */
  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** Starts it again after {@link #stop} or {@link #kill}, with its data and on its port. */
  public void start() throws InterruptedException {
    if (!FreePort.isFree(port)) {
      throw new IllegalStateException(
          "port %d of 127.0.0.1 is taken: stop what uses it, or choose another".formatted(port));
    }
    EmbeddedProcess started =
        EmbeddedProcess.start(
            "postgres", PostgresProcess.command(binaries, directory, port), directory, progress);
    process = started;
    boolean ready = false;
    try {
      awaitReady(started);
      ready = true;
    } finally {
      if (!ready) {
        PostgresProcess.kill(started);
      }
    }
  }

  /** Stops it in good order; sessions that are open are ended. */
  public void stop() throws InterruptedException {
    if (process != null && process.isAlive()) {
      PostgresProcess.interrupt(process.pid());
      process.stop(STOP_GRACE);
    }
    process = null;
  }

  /** A crash: SIGKILL for every one of its processes, in the middle of whatever they do. */
  public void kill() throws InterruptedException {
    if (process != null) {
      PostgresProcess.kill(process);
    }
    process = null;
  }

  /** Runs one statement in a database of this server, with everything allowed. */
  public void execute(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Gives it a certificate of this authority, which connections see from the next moments on. */
  public void serveTls(ServingAuthority authority) throws InterruptedException, SQLException {
    Path certificate = PostgresProcess.data(directory).resolve("server.crt");
    Path key = certificate.resolveSibling("server.key");
    authority.issue(certificate, key);
    ServerUser.own(certificate);
    ServerUser.own(key);
    execute("postgres", "ALTER SYSTEM SET ssl = on");
    execute("postgres", "SELECT pg_reload_conf()");
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      mutex.close();
    }
  }

  private void awaitReady(EmbeddedProcess started) throws InterruptedException {
    Deadline deadline = Deadline.in(START_BOUND);
    while (true) {
      try (Connection connection = connect("postgres")) {
        requireDurable(connection);
        createDatabase(connection);
        return;
      } catch (SQLException e) {
        if (!started.isAlive() || deadline.passed()) {
          throw new IllegalStateException(
              "PostgreSQL did not start: " + e.getMessage() + "\n" + started.logTail(), e);
        }
        Thread.sleep(20);
      }
    }
  }

  private static void requireDurable(Connection connection) throws SQLException {
    for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SHOW " + setting)) {
        row.next();
        if (!row.getString(1).equals("on")) {
          throw new IllegalStateException(setting + " is not on");
        }
      }
    }
  }

  private static void createDatabase(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
        if (row.next()) {
          return;
        }
      }
      statement.execute("CREATE DATABASE " + DATABASE);
    }
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?connectTimeout=2",
        USER,
        password);
  }

  private static int choosePort(Path directory, int wanted) {
    Path file = directory.resolve("port");
    int port =
        wanted != 0 ? wanted : lastPort(file).filter(FreePort::isFree).orElseGet(FreePort::find);
    PrivateFiles.write(file, Integer.toString(port));
    return port;
  }

  private static Optional<Integer> lastPort(Path file) {
    return Files.exists(file)
        ? Optional.of(Integer.valueOf(PrivateFiles.read(file).strip()))
        : Optional.empty();
  }

  /** Makes the data directory under another name first: a half-made one is never used. */
  private static void initialise(
      PostgresBinaries binaries, Path directory, Consumer<String> progress)
      throws InterruptedException {
    Path data = PostgresProcess.data(directory);
    if (Files.exists(data)) {
      return;
    }
    progress.accept("postgres: making its data directory");
    Path part = directory.resolve("data.part");
    Trees.delete(part);
    byte[] secret = new byte[16];
    new SecureRandom().nextBytes(secret);
    Path passwordFile = directory.resolve("password");
    PrivateFiles.write(passwordFile, HexFormat.of().formatHex(secret));
    PrivateFiles.createDirectory(part);
    ServerUser.own(part);
    PostgresProcess.initdb(binaries, part, USER, passwordFile);
    try {
      Files.move(part, data, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
