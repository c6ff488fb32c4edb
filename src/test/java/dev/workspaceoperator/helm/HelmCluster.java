package dev.workspaceoperator.helm;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.Helm;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedKubeApiServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One API server for the tests of the chart, with its audit log on. Not the one that other tests
 * share: theirs has the CRD from elsewhere, and a policy here would judge their Workspaces.
 */
final class HelmCluster {
  private static @Nullable HelmCluster cluster;

  final KubeApiServer server;
  final Helm helm;

  private HelmCluster(KubeApiServer server, Helm helm) {
    this.server = server;
    this.helm = helm;
  }

  /** The cluster, with the chart installed in the namespace {@link Chart#NAMESPACE}. */
  static synchronized HelmCluster get() throws InterruptedException {
    if (cluster == null) {
      HelmCluster started = start();
      started.prepareNamespace(Chart.NAMESPACE);
      started.install(Chart.RELEASE, Chart.NAMESPACE, Chart.MINIMAL).orThrow();
      started
          .server
          .kubectl(
              "wait",
              "--for=condition=Established",
              "--timeout=30s",
              "crd/workspaces.workspace-operator.dev")
          .orThrow();
      cluster = started;
    }
    return cluster;
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
              name: %1$s
              labels:
                pod-security.kubernetes.io/enforce: restricted
                pod-security.kubernetes.io/enforce-version: latest
                pod-security.kubernetes.io/warn: restricted
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: database, namespace: %1$s}
            stringData: {password: secret}
            """
                .formatted(namespace),
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
        server, new Helm(Helm.locate(System.err::println), server.kubeconfig(), home));
  }
}
