package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of the chart's values in three places is one and the same. */
class ChartValuesTest {
  private static final JsonNode SCHEMA = schema();

  @Test
  void theReadmeIsWhatIsGenerated() throws IOException {
    assertThat(Files.readString(ChartReadme.FILE))
        .as("%s is stale: run ./mvnw -Pgenerate test-compile", ChartReadme.FILE)
        .isEqualTo(ChartReadme.generate());
  }

  @Test
  void everyValueIsDescribed() throws IOException {
    assertThat(ChartValues.read())
        .hasSizeGreaterThan(90)
        .allSatisfy(entry -> assertThat(entry.comment()).as(entry.path()).endsWith("."))
        .allSatisfy(entry -> assertThat(entry.value().isMissingNode()).as(entry.path()).isFalse());
  }

  @Test
  void theSchemaKnowsTheValuesAndNoOthers() throws IOException {
    List<String> differences = new ArrayList<>();
    compare("", ChartValues.yaml(), SCHEMA, differences);
    // Of the charts that this one is a part of; and what is there by itself where it is empty.
    assertThat(differences)
        .containsExactlyInAnyOrder(
            "global: in the schema only",
            "tags: in the schema only",
            "api.autoscaling.behavior.scaleUp: in the schema only",
            "api.autoscaling.behavior.scaleDown: in the schema only");
  }

  /**
   * Helm takes away a key that nothing stands after, with its default. The schema wants all keys,
   * but those whose loss is what its user wants to say.
   */
  @Test
  void onlyWhatIsEmptyByDefaultOrIsTheClustersToSayMayBeNull() throws IOException {
    List<String> notWanted = new ArrayList<>();
    collectNotWanted("", ChartValues.yaml(), SCHEMA, notWanted);

    assertThat(NullableValues.paths()).containsExactlyElementsOf(notWanted);
    assertThat(NullableValues.paths().stream().filter(path -> !isEmptyByDefault(path)))
        .containsExactly(
            "podSecurityContext.runAsUser",
            "podSecurityContext.runAsGroup",
            "podSecurityContext.fsGroup",
            "database.standalone.resources",
            "database.standalone.podSecurityContext.runAsUser",
            "database.standalone.podSecurityContext.runAsGroup",
            "database.standalone.podSecurityContext.fsGroup",
            "controller.replicas",
            "controller.resources",
            "api.replicas",
            "api.resources",
            "extAuthz.replicas",
            "extAuthz.resources");
  }

  /** Nothing would be said of it, and something is opened, unlocked or not watched any more. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "watchNamespaces",
        "database.caConfigMap",
        "database.caSecret",
        "audit.keySecret",
        "api.ingress.tlsSecret",
        "networkPolicy.apiFrom",
        "networkPolicy.extAuthzFrom",
        "extAuthz.tlsSecret",
        "extAuthz.clientCaSecret",
        "extAuthz.priceConfigMap",
        "networkPolicy.metricsFrom",
        "controller.javaOptions"
      })
  void whatProtectsMayNotBeNull(String path) {
    assertThat(NullableValues.defaultOf(path).isMissingNode()).isFalse();
    assertThat(NullableValues.paths()).doesNotContain(path);
  }

  private static boolean isEmptyByDefault(String path) {
    JsonNode value = NullableValues.defaultOf(path);
    return value.isContainerNode() ? value.isEmpty() : value.asText().isEmpty();
  }

  private static void collectNotWanted(
      String path, JsonNode values, JsonNode schema, List<String> notWanted) {
    JsonNode resolved = resolve(schema);
    for (String name : ChartValues.fieldNames(values)) {
      if (!resolved.path("required").toString().contains('"' + name + '"')) {
        notWanted.add(path + name);
      } else if (values.get(name).isObject()) {
        collectNotWanted(
            path + name + ".", values.get(name), resolved.path("properties").path(name), notWanted);
      }
    }
  }

  @Test
  void noObjectOfTheSchemaIsOpen() {
    List<String> open = new ArrayList<>();
    collectOpen("", SCHEMA, open);
    // Handed on to Kubernetes as they are, which knows them better.
    assertThat(open)
        .isNotEmpty()
        .allMatch(path ->
            path.matches(
                ".*/(global|\\w+[aA]ffinity|topologySpreadConstraints/items|behavior/properties/\\w+)"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"controller", "api"})
  void theFlagsOfARoleAreThoseThatAreMeasured(String role) throws IOException {
    String flags =
        Files.readAllLines(Path.of("src", "main", "jvm", role + ".options")).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .collect(Collectors.joining(" "));

    assertThat(ChartValues.yaml().at("/%s/javaOptions".formatted(role)).asText()).isEqualTo(flags);
  }

  private static void compare(
      String path, JsonNode values, JsonNode schema, List<String> differences) {
    JsonNode properties = resolve(schema).path("properties");
    for (String name : ChartValues.fieldNames(values)) {
      if (!properties.has(name)) {
        differences.add(path + name + ": not in the schema");
      } else if (!name.endsWith("esources") && values.get(name).isObject()) {
        compare(path + name + ".", values.get(name), properties.get(name), differences);
      }
    }
    for (String name : ChartValues.fieldNames(properties)) {
      if (!values.has(name) && !properties.get(name).isBoolean() && !path.endsWith("ffinity.")) {
        differences.add(path + name + ": in the schema only");
      }
    }
  }

  private static void collectOpen(String path, JsonNode node, List<String> open) {
    if (node.path("type").toString().contains("object") && !node.has("additionalProperties")) {
      open.add(path);
    }
    for (String name : ChartValues.fieldNames(node)) {
      collectOpen(path + "/" + name, node.get(name), open);
    }
  }

  private static JsonNode resolve(JsonNode schema) {
    return schema.has("$ref") ? SCHEMA.at(schema.get("$ref").asText().substring(1)) : schema;
  }

  private static JsonNode schema() {
    try {
      return new ObjectMapper().readTree(Chart.DIRECTORY.resolve("values.schema.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
