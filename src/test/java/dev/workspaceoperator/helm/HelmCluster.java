package dev.workspaceoperator.helm;

import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.Helm;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One API server for the tests of the chart, with its audit log on. Not the one that other tests
 * share: theirs has the CRD from elsewhere, and a policy here would judge their Workspaces.
 */
public final class HelmCluster {
  /** What the release calls its cluster. */
  public static final String CLUSTER_NAME = "chart";

  private static @Nullable HelmCluster cluster;

  public final KubeApiServer server;
  public final Helm helm;
  private final String databaseUrl;

  private HelmCluster(KubeApiServer server, Helm helm, String databaseUrl) {
    this.server = server;
    this.helm = helm;
    this.databaseUrl = databaseUrl;
  }

  /** The cluster, with the chart installed in the namespace {@link Chart#NAMESPACE}. */
  public static synchronized HelmCluster get() throws InterruptedException {
    if (cluster == null) {
      HelmCluster started = start();
      started.prepareNamespace(Chart.NAMESPACE);
      started.install(Chart.RELEASE, Chart.NAMESPACE, started.values()).orThrow();
      WorkspaceCrd.awaitServed(started.server::kubectl);
      cluster = started;
    }
    return cluster;
  }

  /** The values of the release: the cluster's database, its password in a Secret. */
  String values() {
    return """
    database: {url: '%s', existingSecret: database}
    cluster: {name: %s}
    auth: {kubernetes: {enabled: true, issuer: '%s'}}
    """
        .formatted(databaseUrl.replaceFirst("(//[^:]*):[^@]*@", "$1@"), CLUSTER_NAME, server.url());
  }

  /** The database, as the administrator reaches it. */
  public String databaseUrl() {
    return databaseUrl;
  }

  /** A process of the role, from the Deployment that is installed. */
  public RenderedProcess startRole(String role) throws IOException {
    return startRole(Chart.NAMESPACE, Chart.RELEASE, role);
  }

  /** The same of another release. */
  RenderedProcess startRole(String namespace, String release, String role) throws IOException {
    try (KubernetesClient client = client()) {
      return RenderedProcess.start(
          client
              .apps()
              .deployments()
              .inNamespace(namespace)
              .withName(release + "-" + role)
              .require(),
          this,
          Files.createTempDirectory(server.spec().dataDirectory(), role + "-"));
    }
  }

  /** What the API server's certificate is checked with, in PEM. */
  public String certificateAuthority() {
    return server.certificateAuthority();
  }

  /** Another cluster, on which nothing is installed. */
  static HelmCluster empty() throws InterruptedException {
    return start();
  }

  /** A client of the administrator. */
  KubernetesClient client() {
    return client(config -> {});
  }

  /** A client of somebody else. */
  KubernetesClient client(Consumer<ConfigBuilder> changes) {
    ConfigBuilder config =
        new ConfigBuilder(Config.fromKubeconfig(server.kubeconfig().toFile()))
            .withRequestTimeout(20_000)
            .withRequestRetryBackoffLimit(0);
    changes.accept(config);
    return new KubernetesClientBuilder().withConfig(config.build()).build();
  }

  /** {@code helm install} of the chart. */
  CommandResult install(String release, String namespace, String values)
      throws InterruptedException {
    return helm.runWithInput(
        values,
        "install",
        release,
        Chart.DIRECTORY.toString(),
        "--namespace=" + namespace,
        "--values=-");
  }

  /** A namespace that demands Pod Security "restricted", with the Secret of the database. */
  void prepareNamespace(String namespace) throws InterruptedException {
    server
        .kubectlWithInput(
            """
            apiVersion: v1
            kind: Namespace
            metadata:
              name: "%1$s"
              labels:
                pod-security.kubernetes.io/enforce: restricted
                pod-security.kubernetes.io/enforce-version: latest
                pod-security.kubernetes.io/warn: restricted
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: database, namespace: "%1$s"}
            stringData: {password: %2$s}
            """
                .formatted(namespace, databaseUrl.replaceFirst("^.*//[^:]*:([^@]*)@.*$", "$1")),
            "apply",
            "-f",
            "-")
        .orThrow();
  }

  private static HelmCluster start() throws InterruptedException {
    KubeApiServer server =
        SharedKubeApiServer.startOwn(
            spec -> spec.withAuditPolicy(Path.of("src/test/resources/helm/audit-policy.yaml")));
    Path home = server.spec().dataDirectory().resolve("helm-home");
    return new HelmCluster(
        server,
        new Helm(Helm.locate(System.err::println), server.kubeconfig(), home),
        SharedDatabase.create());
  }
}
