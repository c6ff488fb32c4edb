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

  /**
   * And wants them all: a key with nothing after it takes its default away, and is refused rather
   * than rendered as nothing.
   */
  @Test
  void theSchemaKnowsTheValuesAndNoOthers() throws IOException {
    List<String> differences = new ArrayList<>();
    compare("", ChartValues.yaml(), SCHEMA, differences);
    // Helm itself sets it for a chart within a chart.
    assertThat(differences).containsExactly("global: in the schema only");
  }

  @Test
  void noObjectOfTheSchemaIsOpen() {
    List<String> open = new ArrayList<>();
    collectOpen("", SCHEMA, open);
    // Handed on to Kubernetes as they are, which knows them better.
    assertThat(open)
        .isNotEmpty()
        .allMatch(
            path -> path.matches(".*/(global|\\w+[aA]ffinity|topologySpreadConstraints/items)"));
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
      if (!schema.path("required").toString().contains('"' + name + '"')) {
        differences.add(path + name + ": may be left empty");
      }
    }
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
    if (node.path("type").asText().equals("object") && !node.has("additionalProperties")) {
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
