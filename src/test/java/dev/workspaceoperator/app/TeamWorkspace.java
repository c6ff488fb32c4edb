package dev.workspaceoperator.app;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.KubeApiServerSpec;
import dev.workspaceoperator.env.KubeBinaries;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One Workspace called {@code team} in a namespace of its own, and the database it is kept in. */
final class TeamWorkspace implements AutoCloseable {
  private static final String NAME = "team";

  private final KubeApiServer server;
  private final String namespace;
  private final String databaseUrl;
  private final KubernetesClient client;

  private TeamWorkspace(KubeApiServer server, String namespace, String databaseUrl) {
    this.server = server;
    this.namespace = namespace;
    this.databaseUrl = databaseUrl;
    this.client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(server.kubeconfig().toFile()))
            .build();
  }

  /** An API server that is not shared: to be stopped, or to be another cluster. */
  static KubeApiServer startServer(Path directory) throws InterruptedException {
    return KubeApiServer.start(
        KubeApiServerSpec.throwaway(directory),
        KubeBinaries.locate(System.err::println),
        System.err::println);
  }

  /** Installs the custom resource and makes the namespace, but no Workspace. */
  static TeamWorkspace open(KubeApiServer server, String namespace, String databaseUrl)
      throws InterruptedException {
    WorkspaceCrd.install(server);
    return openAsItIs(server, namespace, databaseUrl);
  }

  /** Makes the namespace only: the custom resource is there. */
  static TeamWorkspace openAsItIs(KubeApiServer server, String namespace, String databaseUrl)
      throws InterruptedException {
    server.kubectl("create", "namespace", namespace).orThrow();
    return new TeamWorkspace(server, namespace, databaseUrl);
  }

  /** The same with a client that knows the API server's certificate of now. */
  TeamWorkspace reconnected() {
    return new TeamWorkspace(server, namespace, databaseUrl);
  }

  /** Options of a controller of this namespace without an election. */
  List<String> aloneOptions() {
    return aloneOptions(server.kubeconfig());
  }

  /** The same for one that comes to the API server with other rights. */
  List<String> aloneOptions(Path kubeconfig) {
    return options(kubeconfig, "--leader-election=false");
  }

  /** Options of a controller of this namespace with the Lease there. */
  List<String> electedOptions() {
    return electedOptions(server.kubeconfig());
  }

  /** The same for one that comes to the API server by another file. */
  List<String> electedOptions(Path kubeconfig) {
    return options(kubeconfig, "--leader-election-namespace=" + namespace);
  }

  private List<String> options(Path kubeconfig, String election) {
    return List.of(
        "--database-url=" + databaseUrl,
        "--kubeconfig=" + kubeconfig,
        "--cluster-name=" + namespace,
        "--namespaces=" + namespace,
        election);
  }

  Resource<Workspace> resource() {
    return client.resources(Workspace.class).inNamespace(namespace).withName(NAME);
  }

  /** Creates the Workspace with this spec, in YAML's flow style. */
  void create(String spec) throws InterruptedException {
    server
        .kubectlWithInput(
            """
            apiVersion: workspace-operator.dev/v1
            kind: Workspace
            metadata: {name: %s, namespace: %s}
            spec: %s
            """
                .formatted(NAME, namespace, spec),
            "create",
            "-f",
            "-")
        .orThrow();
  }

  /** Changes the daily budget in the manifest. */
  void declareBudget(long usd) {
    patch("{\"spec\":{\"dailyBudgetUsd\":%d}}".formatted(usd));
  }

  /** Changes the Workspace by a JSON merge patch. */
  void patch(String json) {
    resource().patch(PatchContext.of(PatchType.JSON_MERGE), json);
  }

  String databaseUrl() {
    return databaseUrl;
  }

  Workspace workspace() {
    return resource().require();
  }

  /** {@code status reason} of a condition; empty without it. */
  static String condition(Workspace workspace, String type) {
    WorkspaceStatus status = workspace.getStatus();
    List<WorkspaceCondition> conditions =
        Optional.ofNullable(status).map(WorkspaceStatus::conditions).orElse(List.of());
    return conditions.stream()
        .filter(condition -> condition.type().equals(type))
        .map(condition -> condition.status() + " " + condition.reason())
        .findFirst()
        .orElse("");
  }

  String condition(String type) {
    return condition(workspace(), type);
  }

  /** Whether the newest generation is in force, and status says so. */
  boolean isSynced() {
    Workspace workspace = workspace();
    return condition(workspace, "Ready").equals("True Synced")
        && observedGeneration(workspace) == workspace.getMetadata().getGeneration();
  }

  static long observedGeneration(Workspace workspace) {
    return Optional.ofNullable(workspace.getStatus())
        .map(WorkspaceStatus::observedGeneration)
        .orElse(-1L);
  }

  /** The declared daily budget in the store, in US dollars. */
  List<String> storedBudget() throws SQLException {
    return query("SELECT declared_daily_budget_micro_usd / 1000000 FROM workspace");
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

  private Connection connect() throws SQLException {
    URI url = URI.create(databaseUrl);
    String[] user = url.getUserInfo().split(":", 2);
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d%s".formatted(url.getHost(), url.getPort(), url.getPath()),
        user[0],
        user[1]);
  }

  @Override
  public void close() {
    client.close();
  }
}
