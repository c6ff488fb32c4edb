package dev.workspaceoperator.app.option;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.workspace.Bounds;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster, and which part of it. */
public final class KubernetesOptions {
  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description =
          "The cluster to manage. Default: the pod's own cluster, else the KUBECONFIG variable, else ~/.kube/config.")
  private @Nullable String kubeconfig;

  @Option(
      names = "--cluster-name",
      paramLabel = "NAME",
      defaultValue = "default",
      description =
          "What this cluster is called in the store. Part of every workspace's identity: choose once, never change. Default: ${DEFAULT-VALUE}.")
  private String clusterName = "default";

  @Option(
      names = "--adopt-cluster",
      arity = "0..1",
      paramLabel = "true|false",
      defaultValue = "false",
      fallbackValue = "true",
      description =
          "Take over the workspaces of another cluster that had this name, after a rebuild of the cluster. Default: ${DEFAULT-VALUE}.")
  private String adoptCluster = "false";

  @Option(
      names = "--namespaces",
      paramLabel = "NAME,…",
      description = "Manage Workspaces of these namespaces only. Default: all.")
  private @Nullable String namespaces;

  /** What was said, and the defaults of what was not. */
  public Values read(ConfigurationReader reader) {
    Optional<Path> file = reader.file("--kubeconfig", kubeconfig);
    if (!Bounds.DNS_LABEL.matcher(clusterName).matches()) {
      reader.mistake(
          "--cluster-name must be a DNS label (lower-case letters, digits and inner hyphens, at most 63), not \"%s\"."
              .formatted(clusterName));
    }
    return new Values(
        file,
        clusterName,
        reader.bool("--adopt-cluster", adoptCluster),
        reader.list("--namespaces", namespaces, Bounds.DNS_LABEL, "the name of a namespace"));
  }

  /**
   * What was read.
   *
   * @param namespaces empty for all
   */
  public record Values(
      Optional<Path> kubeconfig, String clusterName, boolean adoptCluster, Set<String> namespaces) {

    /**
     * A client.
     *
     * @param requestTimeout how long one request may take
     * @param retriesMax how often a request is sent again that was not answered, or answered with a
     *     server's error; each time after a longer pause
     */
    public KubernetesClient client(Duration requestTimeout, int retriesMax) {
      Config config =
          new ConfigBuilder(base())
              .withRequestTimeout(Math.toIntExact(requestTimeout.toMillis()))
              .withRequestRetryBackoffLimit(retriesMax)
              .withConnectionTimeout(Math.toIntExact(Math.min(3_000, requestTimeout.toMillis())))
              .build();
      return new KubernetesClientBuilder()
          .withConfig(config)
          .withKubernetesSerialization(serialization())
          .build();
    }

    /** The file that clients read the API server's certificate authority from, if it is a file. */
    public Optional<Path> authorityFile() {
      Config base = base();
      return base.getCaCertData() == null
          ? Optional.ofNullable(base.getCaCertFile()).map(Path::of)
          : Optional.empty();
    }

    private Config base() {
      return kubeconfig
          .map(file -> Config.fromKubeconfig(file.toFile()))
          .orElseGet(() -> new ConfigBuilder().build());
    }

    /**
     * Every kind that is used is named by its class, and looking for all others takes a while. Only
     * a watch that breaks off says so by a kind that nobody named; unknown, it would never be
     * opened anew.
     */
    private static KubernetesSerialization serialization() {
      KubernetesSerialization serialization =
          new KubernetesSerialization(new ObjectMapper(), false);
      serialization.registerKubernetesResource(Status.class);
      return serialization;
    }
  }
}
