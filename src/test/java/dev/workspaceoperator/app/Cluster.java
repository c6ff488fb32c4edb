package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.option.KubernetesOptions;
import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.notification.WorkspaceReceivers;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.PlanDefaults;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;

/**
 * One namespace of a real API server, a database, and the controller between them, all as a test
 * needs them.
 */
public final class Cluster {
  private static final Duration CONVERGED_WITHIN = Duration.ofSeconds(30);

  public final KubeApiServer server;
  public final String namespace;
  public final String databaseUrl;
  private final String clusterName;

  public Cluster(KubeApiServer server, String databaseUrl, String clusterName)
      throws InterruptedException {
    this(server, databaseUrl, clusterName, "ns-" + UUID.randomUUID().toString().substring(0, 8));
  }

  Cluster(KubeApiServer server, String databaseUrl, String clusterName, String namespace)
      throws InterruptedException {
    this.server = server;
    this.namespace = namespace;
    this.databaseUrl = databaseUrl;
    this.clusterName = clusterName;
    server
        .kubectlWithInput(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}".formatted(namespace),
            "apply",
            "--server-side",
            "-f",
            "-")
        .orThrow();
  }

  /** What the store calls the cluster. */
  String name() {
    return clusterName;
  }

  /** A controller of this namespace, in this JVM; it leads at once. */
  public ControllerRole controller() throws InterruptedException {
    return controller(TraceExport.none());
  }

  /** The same, which tells its spans. */
  ControllerRole controller(TraceExport traces) throws InterruptedException {
    return ControllerRole.start(
        new ControllerSettings(
            DatabaseSettings.of(databaseUrl),
            AuditChain.unkeyed(),
            new KubernetesOptions.Values(
                Optional.of(server.kubeconfig()), clusterName, false, Set.of(namespace)),
            PlanDefaults.STANDARD,
            WorkspaceReceivers.NONE,
            Optional.empty(),
            "test",
            4,
            new ListenAddress("127.0.0.1", 0),
            WorkspaceLabel.TOLD,
            traces),
        exitCode -> {
          throw new IllegalStateException("the controller ended with " + exitCode);
        });
  }

  /** Applies a Workspace; {@code spec} is YAML in flow style, without its braces. */
  CommandResult apply(String name, String spec) throws InterruptedException {
    return server.kubectlWithInput(manifest(name, spec), "apply", "-f", "-");
  }

  String manifest(String name, String spec) {
    return """
    apiVersion: workspace-operator.dev/v1
    kind: Workspace
    metadata: {name: %s, namespace: %s}
    spec: {%s}
    """
        .formatted(name, namespace, spec);
  }

  /** Applies a Workspace that the API server must accept, and waits for this condition. */
  void applyAndAwait(String name, String spec, String condition) throws InterruptedException {
    apply(name, spec).orThrow();
    await(name, condition);
  }

  /** Waits until a condition is so for the newest generation. */
  void await(String name, String condition) {
    // All in one look: starting kubectl is what takes time.
    String path =
        "{.metadata.generation}={.status.observedGeneration} {.status.conditions[?(@.type==\"%s\")].status}"
            .formatted(condition);
    Awaitility.await()
        .atMost(CONVERGED_WITHIN)
        .pollDelay(Duration.ZERO)
        .untilAsserted(() -> assertThat(get(name, path)).matches("(\\d+)=\\1 True"));
  }

  String get(String name, String jsonPath) throws InterruptedException {
    return kubectl("get", "ws", name, "-o", "jsonpath=" + jsonPath).orThrow();
  }

  /** Status and reason of a condition, as {@code True Synced}; empty if it is not there. */
  String condition(String name, String type) throws InterruptedException {
    String path = "{.status.conditions[?(@.type==\"%s\")]".formatted(type);
    return get(name, path + ".status} " + path + ".reason}").strip();
  }

  /** Patches a Workspace by a JSON merge patch. */
  void patch(String name, String json) throws InterruptedException {
    kubectl("patch", "ws", name, "--type=merge", "-p", json).orThrow();
  }

  public CommandResult kubectl(String... arguments) throws InterruptedException {
    String[] all = new String[arguments.length + 2];
    all[0] = "-n";
    all[1] = namespace;
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return server.kubectl(all);
  }

  public CommandResult kubectlWithInput(String stdin, String... arguments)
      throws InterruptedException {
    String[] all = new String[arguments.length + 2];
    all[0] = "-n";
    all[1] = namespace;
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return server.kubectlWithInput(stdin, all);
  }

  /** A token of a new ServiceAccount that has no rights: its namespace is what counts. */
  String agentToken() throws InterruptedException {
    kubectl("create", "serviceaccount", "agent").orThrow();
    return kubectl("create", "token", "agent", "--audience=workspace-operator").orThrow().strip();
  }

  /** The first column of the first row of a query; empty text for none. */
  public String query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }

  /** A change that some other process makes. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Everything that is stored of a workspace, by its columns in SQL. */
  public String row(String name, String columns) throws SQLException {
    return query(
        "SELECT concat_ws('|', %s) FROM workspace WHERE cluster = '%s' AND namespace = '%s' AND resource_name = '%s'"
            .formatted(columns, clusterName, namespace, name));
  }

  /** A session of its own. */
  Connection connect() throws SQLException {
    String jdbc = "jdbc:" + databaseUrl.replaceFirst("//[^@]*@", "//");
    String[] userInfo = databaseUrl.replaceFirst("^.*//", "").replaceFirst("@.*$", "").split(":");
    assertThat(userInfo).hasSize(2);
    return DriverManager.getConnection(jdbc, userInfo[0], userInfo[1]);
  }
}
