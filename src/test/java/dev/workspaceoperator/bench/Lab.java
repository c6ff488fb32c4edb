package dev.workspaceoperator.bench;

import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.KubeApiServerSpec;
import dev.workspaceoperator.env.KubeBinaries;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The servers that the controller needs, durable as in earnest, and controllers on them. */
final class Lab implements AutoCloseable {
  static final Path DIRECTORY = Path.of("target", "bench");

  /** Has the one Workspace whose way to Ready is timed. */
  static final String FIRST = "first";

  /** Never seen by a controller. */
  static final String BARE = "bare";

  /** Has all the Workspaces. */
  static final String MANAGED = "managed";

  /** For those that are created and changed while the controller keeps up. */
  static final String LIVE = "live";

  private static final Path KUBE = DIRECTORY.resolve("kube");

  private final EmbeddedDatabase database;
  private final KubeApiServer server;
  private final ClusterUsers cluster;
  private final long postmaster;

  private Lab(EmbeddedDatabase database, KubeApiServer server) throws SQLException {
    this.database = database;
    this.server = server;
    this.cluster = new ClusterUsers(server.kubeconfig());
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      this.postmaster = CpuTimes.parent(row.getLong(1));
    }
  }

  /** Starts the servers, empty but for the CRD and the namespaces. */
  static Lab open() throws IOException, InterruptedException, SQLException {
    deleteOld();
    Files.createDirectories(DIRECTORY);
    KubeBinaries binaries = KubeBinaries.locate(Report::say);
    EmbeddedDatabase database = EmbeddedDatabase.startThrowaway(Report::say);
    KubeApiServer server =
        KubeApiServer.start(
            KubeApiServerSpec.durable(
                KUBE, KubeApiServerSpec.FREE_PORT, KubeApiServerSpec.FREE_PORT),
            binaries,
            Report::say);
    Lab lab = new Lab(database, server);
    WorkspaceCrd.install(server);
    for (String namespace : List.of(FIRST, BARE, MANAGED, LIVE)) {
      lab.cluster.createNamespace(namespace);
    }
    return lab;
  }

  ClusterUsers cluster() {
    return cluster;
  }

  /** A controller of one namespace, as a process of its own. */
  OperatorProcess operator(List<String> flags, String namespace) throws IOException {
    return OperatorProcess.start(
        "controller",
        flags,
        FreePort.find(),
        DIRECTORY.resolve("controller.log").toFile(),
        List.of(
            "--leader-election=false",
            "--database-url=" + database.url(),
            "--kubeconfig=" + server.kubeconfig(),
            "--namespaces=" + namespace));
  }

  CpuTimes cpu(OptionalLong controller) throws IOException {
    return CpuTimes.now(KUBE, postmaster, controller);
  }

  /** Rows that were inserted, updated or deleted so far, by table. */
  Map<String, Long> rowsWritten() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables")) {
      Map<String, Long> written = new TreeMap<>();
      while (row.next()) {
        written.put(row.getString(1), row.getLong(2));
      }
      return written;
    }
  }

  private Connection connect() throws SQLException {
    URI uri = URI.create(database.url());
    String[] user = uri.getUserInfo().split(":", -1);
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + uri.getPort() + uri.getPath(), user[0], user[1]);
  }

  private static void deleteOld() throws IOException {
    if (!Files.exists(DIRECTORY)) {
      return;
    }
    try (Stream<Path> all = Files.walk(DIRECTORY)) {
      for (Path path : all.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Override
  public void close() {
    cluster.close();
    server.close();
    database.close();
  }
}
