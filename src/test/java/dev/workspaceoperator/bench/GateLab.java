package dev.workspaceoperator.bench;

import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A durable PostgreSQL, and replicas of the packaged role {@code api} on it. */
final class GateLab implements AutoCloseable {
  static final Flags FLAGS = new Flags("api", StartBench.AOT_CACHE);

  static final String PACKAGED = "target/workspace-operator.jar";

  /** PostgreSQL tells its statistics at most once a second. */
  private static final Duration STATISTICS_DELAY = Duration.ofMillis(1_200);

  /** Whether it was started here. */
  private final Optional<EmbeddedDatabase> database;

  private final String url;
  private final String jar;
  private final Connection connection;
  private final List<Replica> replicas = new ArrayList<>();

  private GateLab(Optional<EmbeddedDatabase> database, String url, String jar) throws SQLException {
    this.database = database;
    this.url = url;
    this.jar = jar;
    this.connection = connect();
  }

  /** Starts PostgreSQL with the newest schema, and nothing else. */
  static GateLab open() throws IOException, InterruptedException, SQLException {
    Files.createDirectories(Lab.DIRECTORY);
    EmbeddedDatabase database = EmbeddedDatabase.startThrowaway(Report::say);
    new Migrations(DatabaseSettings.of(database.url()))
        .migrate(Duration.ofSeconds(30), Report::say);
    return new GateLab(Optional.of(database), database.url(), PACKAGED);
  }

  /** Starts PostgreSQL for replicas of this build, the first of which makes its schema. */
  static GateLab ofBuild(Path jar) throws IOException, InterruptedException, SQLException {
    Files.createDirectories(Lab.DIRECTORY);
    EmbeddedDatabase database = EmbeddedDatabase.startThrowaway(Report::say);
    return new GateLab(Optional.of(database), database.url(), jar.toString());
  }

  /**
   * A database that is there already, which gets the newest schema.
   *
   * @throws IllegalStateException if it holds workspaces that no benchmark made
   */
  static GateLab on(String url) throws IOException, InterruptedException, SQLException {
    Files.createDirectories(Lab.DIRECTORY);
    new Migrations(DatabaseSettings.of(url)).migrate(Duration.ofSeconds(30), Report::say);
    GateLab lab = new GateLab(Optional.empty(), url, PACKAGED);
    long others =
        lab.number("SELECT count(*) FROM cluster WHERE uid <> '%s'".formatted(Tenants.CLUSTER_UID));
    if (others > 0) {
      lab.close();
      throw new IllegalStateException(
          "the database of -Ddatabase.url is in use: make an empty one for the benchmark, CREATE DATABASE bench");
    }
    return lab;
  }

  /** The server's version. */
  String version() throws SQLException {
    return connection.getMetaData().getDatabaseProductVersion();
  }

  /** One more replica, once it serves. */
  Replica startReplica() throws IOException, InterruptedException {
    return start(List.of("-jar", jar, "api"), url, List.of());
  }

  /** The same with these options and variables. */
  Replica startReplica(List<String> options, Map<String, String> variables)
      throws IOException, InterruptedException {
    return start(List.of("-jar", jar, "api"), url, options, variables);
  }

  /** The same, which comes to PostgreSQL by another port of this machine. */
  Replica startReplicaBy(int port) throws IOException, InterruptedException {
    return start(
        List.of("-jar", jar, "api"), url.replace(":" + databasePort(), ":" + port), List.of());
  }

  /** Where PostgreSQL listens. */
  int databasePort() {
    return URI.create(url).getPort();
  }

  /** The same HTTP layer on Redis, from the classes of this JVM. */
  Replica startOnRedis(int redisPort) throws IOException, InterruptedException {
    return start(
        List.of("-cp", System.getProperty("java.class.path"), "dev.workspaceoperator.app.RedisApi"),
        url,
        List.of("--redis-port=" + redisPort));
  }

  private Replica start(List<String> program, String databaseUrl, List<String> more)
      throws IOException, InterruptedException {
    return start(program, databaseUrl, more, Map.of());
  }

  private Replica start(
      List<String> program, String databaseUrl, List<String> more, Map<String, String> variables)
      throws IOException, InterruptedException {
    int port = FreePort.find();
    List<String> arguments = new ArrayList<>(more);
    arguments.add("--database-url=" + databaseUrl);
    arguments.add("--address=127.0.0.1:" + port);
    OperatorProcess process =
        OperatorProcess.start(
            program,
            FLAGS.plain(),
            FreePort.find(),
            Lab.DIRECTORY.resolve("api.log").toFile(),
            arguments,
            variables);
    Replica replica = new Replica(port, process);
    replicas.add(replica);
    process.awaitOne("workspace_operator_store_up");
    // The database is heard of a little before the port is there.
    Listening.await(port);
    return replica;
  }

  List<Replica> replicas() {
    return List.copyOf(replicas);
  }

  /** Ends all of them. */
  void stopReplicas() {
    replicas.forEach(replica -> replica.process().close());
    replicas.clear();
  }

  GateCpu cpu() throws IOException, SQLException {
    return GateCpu.now(
        replicas.stream().map(Replica::process).toList(),
        CpuTimes.parent(number("SELECT pg_backend_pid()")));
  }

  String databaseUrl() {
    return url;
  }

  /** A connection as any program would have. */
  Connection connect() throws SQLException {
    if (database.isEmpty()) {
      return ConnectionSource.forAudits(DatabaseSettings.of(url)).getConnection();
    }
    return connectBy(databasePort());
  }

  /** The same by another port of this machine. */
  Connection connectBy(int port) throws SQLException {
    URI uri = URI.create(url);
    String[] user = uri.getUserInfo().split(":", -1);
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + uri.getPath(), user[0], user[1]);
  }

  /** The Connection of this lab, for one thread. */
  Connection connection() {
    return connection;
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Times that the WAL was made durable so far. */
  long walFlushes() throws SQLException, InterruptedException {
    Thread.sleep(STATISTICS_DELAY);
    return number("SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'");
  }

  /** So that no checkpoint falls into a measurement, and each begins alike. */
  void settleDown() throws SQLException {
    execute("VACUUM (ANALYZE)");
    if (number("SELECT pg_has_role('pg_checkpoint', 'USAGE')::integer") == 1) {
      execute("CHECKPOINT");
    }
  }

  @Override
  public void close() {
    stopReplicas();
    try {
      connection.close();
    } catch (SQLException e) {
      Report.say("a connection did not close in good order: " + e);
    }
    database.ifPresent(EmbeddedDatabase::close);
  }

  /** One process of the role {@code api}. */
  record Replica(int port, OperatorProcess process) {}
}
