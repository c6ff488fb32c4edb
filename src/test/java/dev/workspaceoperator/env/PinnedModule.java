package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Go module of this repository that pins programs, and the one place that says their version.
 *
 * @param directory holds {@code go.mod}
 * @param version as in {@code v1.37.2}
 */
record PinnedModule(Path directory, String version) {
  /** The newest Kubernetes. */
  static PinnedModule kube() {
    return find("kube", "k8s.io/kubernetes");
  }

  /** The oldest Kubernetes that is promised. */
  static PinnedModule oldestKube() {
    return find("kube-oldest", "k8s.io/kubernetes");
  }

  /** Helm. */
  static PinnedModule helm() {
    return find("helm", "helm.sh/helm/v4");
  }

  /** A kubelet's port-forward. */
  static PinnedModule forwardingKubelet() {
    return find("kubelet", "k8s.io/kubelet");
  }

  /** Looks for {@code tools/…/go.mod} in the working directory and above it. */
  private static PinnedModule find(String tool, String required) {
    Path start = Path.of("").toAbsolutePath();
    for (Path at = start; at != null; at = at.getParent()) {
      Path directory = at.resolve("tools").resolve(tool);
      Path goMod = directory.resolve("go.mod");
      if (Files.isRegularFile(goMod)) {
        return new PinnedModule(directory, versionIn(goMod, required));
      }
    }
    throw new KubeUnavailableException(
        "No tools/%s/go.mod in %s or above it: run this inside the repository."
            .formatted(tool, start));
  }

  private static String versionIn(Path goMod, String required) {
    Pattern pin =
        Pattern.compile(
            "^(?:require|)\\s*%s (v\\d+\\.\\d+\\.\\d+)\\b".formatted(Pattern.quote(required)),
            Pattern.MULTILINE);
    try {
      Matcher matcher = pin.matcher(Files.readString(goMod));
      if (!matcher.find()) {
        throw new KubeUnavailableException(goMod + " does not require " + required + ".");
      }
      return matcher.group(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The version without its patch, as in {@code v1.37}. */
  String minor() {
    return version.substring(0, version.lastIndexOf('.'));
  }
}
