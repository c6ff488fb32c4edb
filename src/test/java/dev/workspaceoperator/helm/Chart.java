package dev.workspaceoperator.helm;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.Helm;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The chart of this repository, rendered without a cluster. */
final class Chart {
  /** Where it is, below the repository's top folder. */
  static final Path DIRECTORY = Path.of("helm", "workspace-operator");

  /** The least that must be set: it has no default that would work. */
  static final String MINIMAL =
      "database: {url: 'postgresql://workspace_operator@db:5432/workspace_operator', existingSecret: database}";

  static final String RELEASE = "workspace-operator";
  static final String NAMESPACE = "workspace-operator";

  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  private final Helm helm;

  Chart() throws InterruptedException {
    Path home = Path.of("target", "helm-home").toAbsolutePath();
    this.helm = new Helm(Helm.locate(System.err::println), home.resolve("no-cluster"), home);
  }

  /** {@code helm template} with these values, in YAML. */
  CommandResult template(String values, String... more) throws InterruptedException {
    return template(DIRECTORY, values, more);
  }

  /** The same of a chart that has this one as a dependency. */
  CommandResult template(UmbrellaChart umbrella, String values) throws InterruptedException {
    return template(umbrella.directory(), values);
  }

  private CommandResult template(Path chart, String values, String... more)
      throws InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "template", RELEASE, chart.toString(), "--namespace=" + NAMESPACE, "--values=-"));
    arguments.addAll(List.of(more));
    return helm.runWithInput(values, arguments.toArray(String[]::new));
  }

  /** {@code helm lint --strict} with these values. */
  CommandResult lint(String values) throws InterruptedException {
    return lint(DIRECTORY, values);
  }

  /** The same of a chart that has this one as a dependency. */
  CommandResult lint(UmbrellaChart umbrella, String values) throws InterruptedException {
    return lint(umbrella.directory(), values);
  }

  private CommandResult lint(Path chart, String values) throws InterruptedException {
    return helm.runWithInput(values, "lint", "--strict", chart.toString(), "--values=-");
  }

  /** The objects that the chart makes of these values. */
  List<HasMetadata> objects(String values) throws InterruptedException {
    return parse(template(values).orThrow());
  }

  /** The objects of a file of YAML documents, in the client library's types. */
  static List<HasMetadata> parse(String yaml) {
    return documents(yaml).map(document -> SERIALIZATION.<HasMetadata>unmarshal(document)).toList();
  }

  /** The same, nothing lost that those types do not know. */
  static List<GenericKubernetesResource> parseGeneric(String yaml) {
    return documents(yaml)
        .map(document -> SERIALIZATION.unmarshal(document, GenericKubernetesResource.class))
        .toList();
  }

  private static Stream<String> documents(String yaml) {
    return Stream.of(yaml.split("(?m)^---\\s*$"))
        .filter(document -> document.lines().anyMatch(Chart::isContent));
  }

  /** The one object of this kind and name. */
  static <T extends HasMetadata> T find(List<HasMetadata> objects, Class<T> kind, String name) {
    return objects.stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no %s %s".formatted(kind.getSimpleName(), name)));
  }

  private static boolean isContent(String line) {
    return !line.isBlank() && !line.startsWith("#");
  }
}
