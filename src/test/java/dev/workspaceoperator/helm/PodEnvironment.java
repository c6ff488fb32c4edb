package dev.workspaceoperator.helm;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;

/** The environment of a container, with what it takes from ConfigMaps and Secrets. */
final class PodEnvironment {
  private static final Map<String, String> ADDRESS_VARIABLES =
      Map.of(
          "http", "WORKSPACE_OPERATOR_ADDRESS",
          "management", "WORKSPACE_OPERATOR_MANAGEMENT_ADDRESS");

  private PodEnvironment() {}

  /** What the Deployment's one container is given. */
  static Map<String, String> of(Deployment deployment, HelmCluster cluster) {
    String namespace = deployment.getMetadata().getNamespace();
    Container container = deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
    Map<String, String> environment = new TreeMap<>();
    try (KubernetesClient client = cluster.client()) {
      for (EnvFromSource source : container.getEnvFrom()) {
        String name = source.getConfigMapRef().getName();
        environment.putAll(
            client.configMaps().inNamespace(namespace).withName(name).require().getData());
      }
      for (EnvVar variable : container.getEnv()) {
        environment.put(
            variable.getName(),
            variable.getValueFrom() == null
                ? variable.getValue()
                : value(variable.getValueFrom(), client, namespace));
      }
    }
    return environment;
  }

  /** What the kubelet adds: where the API server is, and, moved, the account's files. */
  static Map<String, String> ofTheKubelet(HelmCluster cluster, PodFiles files) {
    URI server = URI.create(cluster.server.url());
    return Map.of(
        "KUBERNETES_SERVICE_HOST", server.getHost(),
        "KUBERNETES_SERVICE_PORT", Integer.toString(server.getPort()),
        // The client library's own names for files that the kubelet puts at fixed paths.
        "KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN", files.serviceAccount().resolve("token").toString(),
        "KUBERNETES_CERTS_CA_FILE", files.serviceAccount().resolve("ca.crt").toString(),
        "HOME", files.serviceAccount().resolve("no-home").toString(),
        "PATH", "/usr/bin:/bin");
  }

  /** The setting by which a port of this name is moved. */
  static String addressVariable(String port) {
    String variable = ADDRESS_VARIABLES.get(port);
    if (variable == null) {
      throw new IllegalArgumentException("no setting for the port " + port);
    }
    return variable;
  }

  private static String value(EnvVarSource source, KubernetesClient client, String namespace) {
    if (source.getSecretKeyRef() != null) {
      String key = source.getSecretKeyRef().getKey();
      return PodFiles.value(
          PodFiles.secret(client, namespace, source.getSecretKeyRef().getName()), key);
    }
    if (source.getFieldRef() != null
        && source.getFieldRef().getFieldPath().equals("metadata.namespace")) {
      return namespace;
    }
    throw new IllegalArgumentException("cannot resolve " + source);
  }
}
