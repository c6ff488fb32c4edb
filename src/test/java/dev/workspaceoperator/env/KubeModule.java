package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Go module that pins Kubernetes, and the one place that says its version.
 *
 * @param directory holds {@code go.mod}
 * @param version as in {@code v1.37.2}
 */
record KubeModule(Path directory, String version) {
  private static final Pattern PIN =
      Pattern.compile("^\\s*k8s\\.io/kubernetes (v\\d+\\.\\d+\\.\\d+)\\b", Pattern.MULTILINE);

  /** Looks for {@code tools/kube/go.mod} in the working directory and above it. */
  static KubeModule find() {
    Path start = Path.of("").toAbsolutePath();
    for (Path at = start; at != null; at = at.getParent()) {
      Path directory = at.resolve("tools").resolve("kube");
      Path goMod = directory.resolve("go.mod");
      if (Files.isRegularFile(goMod)) {
        return new KubeModule(directory, versionIn(goMod));
      }
    }
    throw new KubeUnavailableException(
        "No tools/kube/go.mod in " + start + " or above it: run this inside the repository.");
  }

  private static String versionIn(Path goMod) {
    try {
      Matcher pin = PIN.matcher(Files.readString(goMod));
      if (!pin.find()) {
        throw new KubeUnavailableException(goMod + " does not require k8s.io/kubernetes.");
      }
      return pin.group(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The version without its patch, as in {@code v1.37}. */
  String minor() {
    return version.substring(0, version.lastIndexOf('.'));
  }
}
