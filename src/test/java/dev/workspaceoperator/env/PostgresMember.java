package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One of two PostgreSQL servers that replicate to each other: whichever of them has {@code
 * standby.signal} follows the other.
 */
public final class PostgresMember {
  static final String USER = "workspace_operator";

  private static final Duration START_BOUND = Duration.ofSeconds(60);
  private static final Duration COMMAND_BOUND = Duration.ofMinutes(1);

  private final PostgresBinaries binaries;
  private final Path directory;
  private final String name;
  private final Optional<PrivateNetwork> network;
  private final String host;
  private final int port;
  private final String password;
  private final Consumer<String> progress;
  private @Nullable EmbeddedProcess process;
  private List<Long> stopped = List.of();

  PostgresMember(
      PostgresBinaries binaries,
      Path directory,
      String name,
      Optional<PrivateNetwork> network,
      String password,
      Consumer<String> progress) {
    this.binaries = binaries;
    this.directory = directory;
    this.name = name;
    this.network = network;
    this.host = network.map(it -> it.address(name)).orElse("127.0.0.1");
    this.port = FreePort.find();
    this.password = password;
    this.progress = progress;
    PrivateFiles.createDirectory(directory);
  }

  /** {@code host:port}. */
  public String address() {
    return host + ":" + port;
  }

  public String host() {
    return host;
  }

  public int port() {
    return port;
  }

  /** {@code a} or {@code b}. */
  public String name() {
    return name;
  }

  /** {@code postgresql://user:password@host:port/database}. */
  public String url() {
    return "postgresql://%s:%s@%s/%s".formatted(USER, password, address(), USER);
  }

  /** A session with everything allowed. */
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://%s/%s?connectTimeout=2&socketTimeout=10".formatted(address(), database),
        USER,
        password);
  }

  /** Runs one statement, with everything allowed. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of the first row. */
  public String ask(String sql) throws SQLException {
    try (Connection connection = connect(USER);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  /** Makes an empty one. */
  void initialise() throws InterruptedException {
    Path passwordFile = directory.resolve("password");
    PrivateFiles.write(passwordFile, password);
    makeData();
    PostgresProcess.initdb(binaries, data(), USER, passwordFile);
    try {
      Files.writeString(
          data().resolve("postgresql.conf"),
          "track_commit_timestamp = on\nwal_keep_size = '512MB'\n",
          StandardOpenOption.APPEND);
      Files.writeString(
          data().resolve("pg_hba.conf"),
          "host all all all scram-sha-256\nhost replication all all scram-sha-256\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies all of the other one, to follow it. */
  void copy(PostgresMember other) throws InterruptedException {
    Trees.delete(data());
    makeData();
    run(
        "pg_basebackup",
        "--pgdata=" + data(),
        "--checkpoint=fast",
        "--no-sync",
        "--dbname=" + other.conninfo(""));
    follow();
  }

  /** Takes back what it wrote since the other one went its own way, to follow it. */
  void rewind(PostgresMember other) throws InterruptedException, SQLException {
    other.execute("CHECKPOINT");
    run(
        "pg_rewind",
        "--target-pgdata=" + data(),
        "--no-sync",
        "--source-server=" + other.conninfo(" dbname=postgres"));
    follow();
  }

  private void follow() {
    try {
      Path signal = data().resolve("standby.signal");
      Files.deleteIfExists(signal);
      ServerUser.own(Files.createFile(signal));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void makeData() {
    PrivateFiles.createDirectory(data());
    ServerUser.own(data());
  }

  /**
   * Starts it, and waits until it answers.
   *
   * @param other whom it follows, if it is a standby
   */
  void start(PostgresMember other) throws InterruptedException {
    start(other.conninfo(" application_name=" + name));
  }

  /** The same, which follows another one on this machine by way of another port. */
  void start(PostgresMember other, int by) throws InterruptedException {
    start(other.conninfo(" application_name=" + name).replace("port=" + other.port, "port=" + by));
  }

  private void start(String primary) throws InterruptedException {
    List<String> command = new ArrayList<>(PostgresProcess.command(binaries, directory, port));
    for (String setting :
        List.of(
            "listen_addresses=" + host,
            "max_connections=300",
            "primary_conninfo=" + primary,
            "wal_receiver_timeout=2s",
            "wal_retrieve_retry_interval=200ms")) {
      command.addAll(List.of("-c", setting));
    }
    EmbeddedProcess started =
        EmbeddedProcess.start(
            "postgres",
            network.map(it -> it.inside(name, command)).orElse(command),
            directory,
            progress);
    process = started;
    Deadline deadline = Deadline.in(START_BOUND);
    while (true) {
      try {
        execute("SELECT 1");
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

  /** Becomes the primary, and has accepted a connection as such when this returns. */
  void promote() throws InterruptedException, SQLException {
    run("pg_ctl", "promote", "--wait", "--pgdata=" + data());
    Deadline deadline = Deadline.in(START_BOUND);
    while (!ask("SELECT pg_is_in_recovery()").equals("f")) {
      if (deadline.passed()) {
        throw new IllegalStateException("it is a standby still:\n" + log());
      }
      Thread.sleep(5);
    }
  }

  /** SIGKILL for every one of its processes, also where they are stopped. */
  public void kill() throws InterruptedException {
    if (process != null) {
      PostgresProcess.kill(process);
    }
    process = null;
    stopped = List.of();
  }

  /** SIGSTOP for every one of its processes, the parent first, so that nobody is born meanwhile. */
  public void stop() throws InterruptedException {
    ProcessHandle parent = ProcessHandle.of(running().pid()).orElseThrow();
    signal("STOP", List.of(parent.pid()));
    stopped =
        Stream.concat(Stream.of(parent), parent.descendants()).map(ProcessHandle::pid).toList();
    signal("STOP", stopped);
  }

  /** SIGCONT for all that were stopped. */
  public void goOn() throws InterruptedException {
    signal("CONT", stopped);
    stopped = List.of();
  }

  /** Whether it can be cut off. */
  boolean hasNetwork() {
    return network.isPresent();
  }

  /** No packet comes to it or from it. */
  public void cut() throws InterruptedException {
    network.orElseThrow().cut(name);
  }

  /** They do again. */
  public void heal() throws InterruptedException {
    network.orElseThrow().heal(name);
  }

  /** The end of its log. */
  public String log() {
    return process == null ? "(it does not run)" : process.logTail();
  }

  private EmbeddedProcess running() {
    if (process == null) {
      throw new IllegalStateException("server " + name + " does not run");
    }
    return process;
  }

  private String conninfo(String more) {
    return "host=%s port=%d user=%s password=%s connect_timeout=2 tcp_user_timeout=2000%s"
        .formatted(host, port, USER, password, more);
  }

  private Path data() {
    return PostgresProcess.data(directory);
  }

  private void run(String program, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(binaries.program(program).toString()));
    command.addAll(List.of(arguments));
    String _ =
        CommandResult.of(new ProcessBuilder(ServerUser.command(command)), "", COMMAND_BOUND)
            .orThrow();
  }

  /** One that has just ended by itself is no failure. */
  private static void signal(String signal, List<Long> pids) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    pids.forEach(pid -> command.add(pid.toString()));
    CommandResult _ = CommandResult.of(new ProcessBuilder(command), "", Duration.ofSeconds(10));
  }
}
