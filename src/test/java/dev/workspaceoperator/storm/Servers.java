package dev.workspaceoperator.storm;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.Pgbouncer;
import dev.workspaceoperator.env.PostgresPair;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A PostgreSQL of its own, a process, which also keeps the time of every COMMIT; and replicas of
 * the role {@code api} on it.
 */
final class Servers implements AutoCloseable {
  private static final Consumer<String> PROGRESS = System.err::println;

  private final Path directory;
  private final Store store;
  private final Optional<Pgbouncer> pooler;
  private final Optional<Failovers> failovers;
  private final Replicas replicas;

  private Servers(
      Path directory,
      Store store,
      Optional<Pgbouncer> pooler,
      Optional<Failovers> failovers,
      Replicas replicas) {
    this.directory = directory;
    this.store = store;
    this.pooler = pooler;
    this.failovers = failovers;
    this.replicas = replicas;
  }

  /**
   * Starts all, and waits until they serve.
   *
   * @param way how replicas come to PostgreSQL
   */
  static Servers start(int replicaCount, Way way) throws InterruptedException, SQLException {
    Path directory = makeDirectory();
    EmbeddedDatabase database = startDatabase(directory);
    new Migrations(DatabaseSettings.of(database.url())).migrate(Duration.ofSeconds(10), PROGRESS);
    if (way == Way.DIRECT) {
      Replicas replicas =
          Replicas.start(_ -> List.of("--database-url=" + database.url()), directory, replicaCount);
      return new Servers(
          directory, Store.of(database), Optional.empty(), Optional.empty(), replicas);
    }
    Pgbouncer pooler =
        Pgbouncer.start(directory.resolve("pooler"), database.url(), Map.of(), PROGRESS);
    Replicas replicas =
        Replicas.start(
            _ ->
                List.of(
                    "--database-url=" + pooler.inFrontOf(database.url()),
                    "--database-listen-url=" + database.url()),
            directory,
            replicaCount);
    return new Servers(
        directory, Store.of(database), Optional.of(pooler), Optional.empty(), replicas);
  }

  /**
   * The same on a primary and a standby that take turns. Replicas with an even number have both
   * hosts in their address, the others one that moves.
   */
  static Servers startPair(int replicaCount, Tally tally)
      throws InterruptedException, SQLException {
    Path directory = makeDirectory();
    PostgresPair pair =
        PostgresPair.start(Failovers.binaries(), directory.resolve("postgres"), PROGRESS);
    new Migrations(DatabaseSettings.of(pair.primary().url()))
        .migrate(Duration.ofSeconds(10), PROGRESS);
    Failovers failovers = Failovers.start(pair, tally, directory);
    Replicas replicas =
        Replicas.start(
            number -> List.of("--database-url=" + failovers.url(number)), directory, replicaCount);
    return new Servers(
        directory, Store.of(pair), Optional.empty(), Optional.of(failovers), replicas);
  }

  /** The same of an earlier release, whose replicas make the schema, and are then upgraded. */
  static Servers startEarlier(int replicaCount, Path jar)
      throws InterruptedException, SQLException {
    Path directory = makeDirectory();
    EmbeddedDatabase database = startDatabase(directory);
    Replicas replicas =
        Replicas.startEarlier(
            jar, _ -> List.of("--database-url=" + database.url()), directory, replicaCount);
    return new Servers(directory, Store.of(database), Optional.empty(), Optional.empty(), replicas);
  }

  private static EmbeddedDatabase startDatabase(Path directory)
      throws InterruptedException, SQLException {
    EmbeddedDatabase database = EmbeddedDatabase.start(directory.resolve("postgres"), 0, PROGRESS);
    database.execute("postgres", "ALTER SYSTEM SET track_commit_timestamp = on");
    database.stop();
    database.start();
    return database;
  }

  /** How replicas come to PostgreSQL. */
  enum Way {
    /** By connections of their own. */
    DIRECT,
    /** By a PgBouncer in transaction mode; they listen by connections of their own. */
    POOLED;

    /** {@code pgbouncer}, or nothing. */
    static Way of(String pooler) {
      return switch (pooler) {
        case "" -> DIRECT;
        case "pgbouncer" -> POOLED;
        default ->
            throw new IllegalArgumentException(
                "-Dpooler= must be pgbouncer or be left out, not " + pooler);
      };
    }
  }

  Replicas replicas() {
    return replicas;
  }

  String url() {
    return store.url();
  }

  /** Breaks something, and has it mended. */
  void strike(Blow blow, Course course) throws InterruptedException, SQLException {
    switch (blow.kind()) {
      case REPLICA -> replicas.kill(blow.target());
      case POSTGRES -> store.crash();
      case SESSIONS -> endSessions();
      case UPGRADE -> replicas.upgrade(blow.target());
      case PRIMARY_KILLED, PRIMARY_STOPPED, PRIMARY_CUT_OFF ->
          failovers.orElseThrow().failOver(blow.kind(), course);
    }
  }

  /** Every session of the replicas is ended by PostgreSQL. */
  private void endSessions() throws SQLException {
    query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
  }

  /** Workspaces of plan Scale with nothing in their manifests, and a fleet key as the last. */
  List<Ledger> newWorkspaces(int count) throws InterruptedException {
    try (ApiServer controller = ApiServer.withoutServing(url())) {
      List<Ledger> ledgers = new ArrayList<>();
      for (int number = 0; number < count; number++) {
        var id = controller.workspace(Plan.SCALE).id();
        Ledger.Limits[] limits = Ledger.Limits.values();
        ledgers.add(
            new Ledger(
                id.toString(), controller.keyWithAllScopes(id), limits[number % limits.length]));
      }
      ledgers.add(
          new Ledger(
              "00000000-0000-0000-0000-000000000000",
              controller.fleetKey(Scope.FLEET_WRITE),
              Ledger.Limits.NONE));
      return ledgers;
    }
  }

  /** A connection with everything allowed. */
  Connection connect() throws SQLException {
    URI address = URI.create(url());
    String[] user = address.getUserInfo().split(":", 2);
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d%s"
            .formatted(address.getHost(), address.getPort(), address.getPath()),
        user[0],
        user[1]);
  }

  /** First column of each row. */
  List<String> query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(String.valueOf(rows.getString(1)));
      }
      return values;
    }
  }

  @Override
  public void close() {
    replicas.close();
    pooler.ifPresent(Pgbouncer::close);
    failovers.ifPresent(Failovers::close);
    store.close();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path makeDirectory() {
    try {
      return Files.createTempDirectory("workspace-operator-storm-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
