package dev.workspaceoperator.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The values that a user may set to null, as the schema says it. */
final class NullableValues {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNode SCHEMA = schema();

  private NullableValues() {}

  /** Their paths, as in {@code api.replicas}. */
  static List<String> paths() {
    List<String> paths = new ArrayList<>();
    collect("", defaults(), SCHEMA, paths);
    return paths;
  }

  /**
   * Values with each of these paths that is not set already set to null.
   *
   * @param values in YAML
   */
  static String withNull(String values, List<String> paths) {
    try {
      ObjectNode all = (ObjectNode) new YAMLMapper().readTree(values);
      paths.stream()
          .filter(path -> all.at(pointer(path)).isMissingNode())
          .forEach(path -> putNull(all, path));
      return all.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The default of one. */
  static JsonNode defaultOf(String path) {
    return defaults().at(pointer(path));
  }

  private static void putNull(ObjectNode values, String path) {
    int last = path.lastIndexOf('.');
    ObjectNode parent = last < 0 ? values : values.withObject(pointer(path.substring(0, last)));
    parent.putNull(path.substring(last + 1));
  }

  private static String pointer(String path) {
    return "/" + path.replace('.', '/');
  }

  private static void collect(String path, JsonNode values, JsonNode schema, List<String> paths) {
    for (String name : ChartValues.fieldNames(values)) {
      JsonNode property = resolve(schema.path("properties").path(name));
      if (property.path("type").toString().contains("\"null\"")) {
        paths.add(path + name);
      } else if (values.get(name).isObject()) {
        collect(path + name + ".", values.get(name), property, paths);
      }
    }
  }

  private static JsonNode resolve(JsonNode schema) {
    return schema.has("$ref") ? SCHEMA.at(schema.get("$ref").asText().substring(1)) : schema;
  }

  private static JsonNode defaults() {
    try {
      return ChartValues.yaml();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode schema() {
    try {
      return JSON.readTree(Chart.DIRECTORY.resolve("values.schema.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
