package dev.workspaceoperator.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A chart of somebody else that has this one as a dependency.
 *
 * @param directory where it is
 */
record UmbrellaChart(Path directory) {
  /**
   * Makes one.
   *
   * @param directory to be made
   * @param dependency further fields of the dependency, such as {@code condition: …}
   * @param values of the chart itself; those of this chart below its name
   */
  static UmbrellaChart make(Path directory, String dependency, String values) throws IOException {
    copy(Chart.DIRECTORY, directory.resolve("charts").resolve("workspace-operator"));
    Files.writeString(
        directory.resolve("Chart.yaml"),
        """
        apiVersion: v2
        name: platform
        version: 1.0.0
        dependencies:
          - {name: workspace-operator, version: 0.1.x, repository: 'oci://registry.example.com/charts'%s}
        """
            .formatted(dependency.isEmpty() ? "" : ", " + dependency));
    Files.writeString(directory.resolve("values.yaml"), values);
    Files.createDirectory(directory.resolve("templates"));
    Files.writeString(
        directory.resolve("templates").resolve("of-its-own.yaml"),
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: platform}}");
    return new UmbrellaChart(directory);
  }

  /** Copies a chart. */
  static Path copy(Path chart, Path target) throws IOException {
    List<Path> all;
    try (Stream<Path> found = Files.walk(chart)) {
      all = found.toList();
    }
    for (Path path : all) {
      Path copied = target.resolve(chart.relativize(path));
      Files.createDirectories(copied.resolveSibling("."));
      if (Files.isRegularFile(path)) {
        Files.copy(path, copied);
      }
    }
    return target;
  }
}
