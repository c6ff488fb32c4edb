package dev.workspaceoperator.contract;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An OpenAPI 3.1 document: its operations, its references, its schemas. Safe for many threads.
 *
 * <p>The document leaves answers open, so that a client of today reads those of tomorrow. Here they
 * are closed: a member that no schema describes is a violation.
 */
public final class OpenApiDocument {
  /** Under which the schemas are, each of them closed. */
  private static final String CLOSED = "https://workspace-operator.dev/openapi";

  /** Under which they are left open at their top, so that another can add to them by allOf. */
  private static final String OPEN = "https://workspace-operator.dev/openapi/open";

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  private final JsonNode root;
  private final List<ApiOperation> operations;
  private final SchemaRegistry registry;
  private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

  private OpenApiDocument(JsonNode root) {
    this.root = root;
    this.operations = operations(root);
    this.registry =
        SchemaRegistry.withDialect(
            Dialects.getOpenApi31(),
            builder ->
                builder
                    .schemas(
                        Map.of(
                            CLOSED, strict(root).toString(),
                            OPEN, withOpenComponents(root).toString()))
                    .schemaRegistryConfig(
                        SchemaRegistryConfig.builder()
                            .formatAssertionsEnabled(true)
                            .locale(Locale.ENGLISH)
                            .build()));
  }

  /** The description that is shipped with the program. */
  public static OpenApiDocument shipped() {
    try (InputStream yaml = OpenApiDocument.class.getResourceAsStream("/openapi.yaml")) {
      if (yaml == null) {
        throw new IllegalStateException("there is no openapi.yaml on the class path");
      }
      ObjectMapper reader =
          new ObjectMapper(new YAMLFactory())
              .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
              .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);
      return new OpenApiDocument(reader.readTree(yaml));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<ApiOperation> operations(JsonNode root) {
    List<ApiOperation> found = new ArrayList<>();
    root.path("paths")
        .properties()
        .forEach(path ->
            path.getValue().properties().stream()
                .filter(member -> METHODS.contains(member.getKey()))
                .forEach(member ->
                    found.add(
                        new ApiOperation(
                            path.getKey(),
                            member.getKey().toUpperCase(Locale.ROOT),
                            path.getValue(),
                            member.getValue()))));
    return List.copyOf(found);
  }

  public JsonNode root() {
    return root;
  }

  public List<ApiOperation> operations() {
    return operations;
  }

  /** The operations of a path, as a request has it: percent-encoded, with or without a query. */
  List<ApiOperation> operationsAt(String requestPath) {
    return operations.stream().filter(operation -> operation.matches(requestPath)).toList();
  }

  /** A member of a node, with its reference followed; empty if there is no such member. */
  Optional<JsonNode> member(JsonNode node, String name) {
    return Optional.ofNullable(node.get(name)).map(this::resolved);
  }

  /** The node itself, or what it refers to. */
  JsonNode resolved(JsonNode node) {
    @Nullable JsonNode reference = node.get("$ref");
    if (reference == null) {
      return node;
    }
    JsonNode target = root.at(reference.textValue().substring(1));
    if (target.isMissingNode()) {
      throw new IllegalStateException("nothing is at " + reference.textValue());
    }
    return resolved(target);
  }

  /** The parameters of an operation, those of its path included. */
  List<JsonNode> parameters(ApiOperation operation) {
    List<JsonNode> all = new ArrayList<>();
    operation.pathItem().path("parameters").forEach(parameter -> all.add(resolved(parameter)));
    operation.node().path("parameters").forEach(parameter -> all.add(resolved(parameter)));
    return all;
  }

  /** An example of each code, by the code, of all answers together. */
  public Map<String, JsonNode> problemExamples() {
    Map<String, JsonNode> examples = new TreeMap<>();
    Stream.concat(operations.stream().map(ApiOperation::node), Stream.of(root.path("x-unmatched")))
        .flatMap(operation -> operation.path("responses").properties().stream())
        .map(response ->
            resolved(response.getValue()).path("content").path("application/problem+json"))
        .flatMap(content -> content.path("examples").properties().stream())
        .forEach(
            example -> examples.put(example.getKey(), resolved(example.getValue()).path("value")));
    return examples;
  }

  /** What is wrong with a value, a sentence each with the place; empty if it fits. */
  List<String> violations(JsonNode schema, JsonNode value) {
    return schemas
        .computeIfAbsent(schema, node -> registry.getSchema(strict(node)))
        .validate(value)
        .stream()
        .map(OpenApiDocument::sentence)
        .toList();
  }

  private static String sentence(Error error) {
    return error.getInstanceLocation() + ": " + error.getMessage();
  }

  /** The schemas as {@link #strict} has them, but for what each component itself may not have. */
  private static JsonNode withOpenComponents(JsonNode root) {
    ObjectNode components = JsonNodeFactory.instance.objectNode();
    root.at("/components/schemas")
        .properties()
        .forEach(schema -> components.set(schema.getKey(), part(schema.getValue())));
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    copy.putObject("components").set("schemas", components);
    return copy;
  }

  /** A copy whose references work from anywhere, and whose objects have no unknown members. */
  private static JsonNode strict(JsonNode node) {
    JsonNode copy = copy(node, CLOSED);
    if (copy instanceof ObjectNode object
        && (object.path("properties").isObject() || object.path("allOf").isArray())
        && !object.has("additionalProperties")) {
      object.put("unevaluatedProperties", false);
    }
    return copy;
  }

  /** The same for a schema that is a part of another, which has further members. */
  private static JsonNode part(JsonNode node) {
    return copy(node, OPEN);
  }

  private static JsonNode copy(JsonNode node, String referred) {
    if (node instanceof ObjectNode object) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      object
          .properties()
          .forEach(member -> copy.set(member.getKey(), copiedMember(member, referred)));
      return copy;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode();
      array.forEach(element -> copy.add(strict(element)));
      return copy;
    }
    return node;
  }

  private static JsonNode copiedMember(Map.Entry<String, JsonNode> member, String referred) {
    JsonNode value = member.getValue();
    // Of $ref, or of a discriminator's mapping.
    if (value.isTextual() && value.textValue().startsWith("#/components/")) {
      return JsonNodeFactory.instance.textNode(referred + value.textValue());
    }
    if (member.getKey().equals("allOf") && value.isArray()) {
      ArrayNode parts = JsonNodeFactory.instance.arrayNode();
      value.forEach(element -> parts.add(part(element)));
      return parts;
    }
    return strict(value);
  }
}
