package dev.workspaceoperator.helm;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The volumes of a pod, made below a directory.
 *
 * @param mounts path in the container to where it is here
 * @param serviceAccount what the kubelet mounts of the pod's account, if it does
 */
record PodFiles(Map<String, Path> mounts, Path serviceAccount) {
  /** Makes every volume that the Deployment's one container mounts. */
  static PodFiles materialize(Deployment deployment, HelmCluster cluster, Path directory)
      throws IOException {
    PodSpec pod = deployment.getSpec().getTemplate().getSpec();
    String namespace = deployment.getMetadata().getNamespace();
    Map<String, Path> mounts = new TreeMap<>();
    Path account = Files.createDirectories(directory.resolve("service-account"));
    try (KubernetesClient client = cluster.client()) {
      Account owner = new Account(client, cluster, namespace, pod.getServiceAccountName());
      for (VolumeMount mount : pod.getContainers().getFirst().getVolumeMounts()) {
        Path here = directory.resolve("volumes" + mount.getMountPath());
        Files.createDirectories(here);
        owner.fill(volume(pod, mount.getName()), here);
        mounts.put(mount.getMountPath(), here);
      }
      if (Boolean.TRUE.equals(pod.getAutomountServiceAccountToken())) {
        Files.writeString(account.resolve("token"), owner.token());
        Files.writeString(account.resolve("ca.crt"), cluster.certificateAuthority());
      }
    }
    PodFiles files = new PodFiles(Map.copyOf(mounts), account);
    files.mapContents(cluster);
    return files;
  }

  /**
   * Brings one volume up to date: each file is the old or the new one at any moment.
   *
   * @param mountPath in the container; what is mounted there names no other files
   */
  void update(String mountPath, Deployment deployment, HelmCluster cluster) throws IOException {
    PodSpec pod = deployment.getSpec().getTemplate().getSpec();
    Path here = Objects.requireNonNull(mounts.get(mountPath), mountPath);
    String volume =
        pod.getContainers().getFirst().getVolumeMounts().stream()
            .filter(mount -> mount.getMountPath().equals(mountPath))
            .findFirst()
            .orElseThrow()
            .getName();
    Path next = Files.createTempDirectory(serviceAccount, "next-");
    try (KubernetesClient client = cluster.client()) {
      new Account(
              client, cluster, deployment.getMetadata().getNamespace(), pod.getServiceAccountName())
          .fill(volume(pod, volume), next);
    }
    try (Stream<Path> all = Files.list(next)) {
      for (Path file : all.toList()) {
        Files.move(file, here.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  /** Brings the certificate authority of the pod's account up to date. */
  void updateAuthority(String pem) throws IOException {
    Path next = Files.writeString(serviceAccount.resolve("next-ca.crt"), pem);
    Files.move(next, serviceAccount.resolve("ca.crt"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** A text with each path of the container replaced by where it is here. */
  String mapped(String text) {
    String paths =
        mounts.keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(Pattern::quote)
            .collect(Collectors.joining("|"));
    // In one pass: what is replaced lies below a path that may itself be one of them.
    return Pattern.compile("(?<![\\w./-])(" + paths + ")(?=[/\\s]|$)")
        .matcher(text)
        .replaceAll(path -> Matcher.quoteReplacement(String.valueOf(mounts.get(path.group(1)))));
  }

  /** Files name other files, and the API server by the name that it has in every pod. */
  private void mapContents(HelmCluster cluster) throws IOException {
    for (Path mount : mounts.values()) {
      List<Path> files;
      try (Stream<Path> all = Files.walk(mount)) {
        files = all.filter(Files::isRegularFile).toList();
      }
      for (Path file : files) {
        String text = mapped(Files.readString(file));
        Files.writeString(
            file, text.replace("https://kubernetes.default.svc/", cluster.server.url() + "/"));
      }
    }
  }

  static Map<String, String> secret(KubernetesClient client, String namespace, String name) {
    return client
        .secrets()
        .inNamespace(namespace)
        .withName(name)
        .require()
        .getData()
        .entrySet()
        .stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry ->
                    new String(
                        Base64.getDecoder().decode(entry.getValue()), StandardCharsets.UTF_8)));
  }

  /** What is under a key that must be there. */
  static String value(Map<String, String> data, String key) {
    String value = data.get(key);
    if (value == null) {
      throw new IllegalStateException("no key %s among %s".formatted(key, data.keySet()));
    }
    return value;
  }

  private static Volume volume(PodSpec pod, String name) {
    return pod.getVolumes().stream()
        .filter(volume -> volume.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no volume " + name));
  }

  /** Whose volumes they are. */
  private record Account(
      KubernetesClient client, HelmCluster cluster, String namespace, String name) {

    void fill(Volume volume, Path directory) throws IOException {
      if (volume.getSecret() != null) {
        write(
            secret(client, namespace, volume.getSecret().getSecretName()),
            volume.getSecret().getItems(),
            directory);
      } else if (volume.getConfigMap() != null) {
        write(
            configMap(volume.getConfigMap().getName()),
            volume.getConfigMap().getItems(),
            directory);
      } else if (volume.getProjected() != null) {
        for (VolumeProjection source : volume.getProjected().getSources()) {
          project(source, directory);
        }
      } else if (volume.getEmptyDir() == null) {
        throw new IllegalArgumentException("cannot make the volume " + volume);
      }
    }

    private void project(VolumeProjection source, Path directory) throws IOException {
      if (source.getServiceAccountToken() != null) {
        Files.writeString(directory.resolve(source.getServiceAccountToken().getPath()), token());
      } else if (source.getConfigMap() != null) {
        write(
            configMap(source.getConfigMap().getName()),
            source.getConfigMap().getItems(),
            directory);
      } else if (source.getSecret() != null) {
        write(
            secret(client, namespace, source.getSecret().getName()),
            source.getSecret().getItems(),
            directory);
      } else {
        throw new IllegalArgumentException("cannot project " + source);
      }
    }

    private static void write(Map<String, String> data, List<KeyToPath> items, Path directory)
        throws IOException {
      if (items.isEmpty()) {
        for (Map.Entry<String, String> entry : data.entrySet()) {
          Files.writeString(directory.resolve(entry.getKey()), entry.getValue());
        }
      }
      for (KeyToPath item : items) {
        Path file = directory.resolve(item.getPath());
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, value(data, item.getKey()));
      }
    }

    private Map<String, String> configMap(String configMap) {
      // A controller makes it in every namespace; there is none here.
      return configMap.equals("kube-root-ca.crt")
          ? Map.of("ca.crt", cluster.certificateAuthority())
          : client.configMaps().inNamespace(namespace).withName(configMap).require().getData();
    }

    String token() {
      return client
          .serviceAccounts()
          .inNamespace(namespace)
          .withName(name)
          .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
          .getStatus()
          .getToken();
    }
  }
}
