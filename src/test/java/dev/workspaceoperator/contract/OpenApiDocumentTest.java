package dev.workspaceoperator.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.RunBlock;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code openapi.yaml} is sound in itself, and says what the code says. */
final class OpenApiDocumentTest {
  private static final OpenApiDocument DOCUMENT = OpenApiDocument.shipped();
  private static final JsonNode SCHEMAS = DOCUMENT.root().at("/components/schemas");

  /** Of each code, the name of its schema. */
  private static final Map<String, String> PROBLEMS =
      SCHEMAS.at("/Problem/discriminator/mapping").properties().stream()
          .collect(
              Collectors.toMap(Map.Entry::getKey, entry -> name(entry.getValue().textValue())));

  @Test
  void everySchemaIsOneOfDraft202012() {
    var meta =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    List<String> wrong = new ArrayList<>();
    int[] seen = {0};

    walk(
        DOCUMENT.root(),
        "#",
        (place, node) -> {
          if (place.endsWith("/schema") || place.matches("#/components/schemas/[^/]+")) {
            seen[0]++;
            meta.validate(node).forEach(error -> wrong.add(place + ": " + error.getMessage()));
          }
        });

    assertThat(seen[0]).isGreaterThan(50);
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    List<String> dangling = new ArrayList<>();

    walk(
        DOCUMENT.root(),
        "#",
        (place, node) -> {
          String target = node.path("$ref").asText("#");
          if (!target.startsWith("#") || DOCUMENT.root().at(target.substring(1)).isMissingNode()) {
            dangling.add(place + " -> " + target);
          }
        });

    assertThat(dangling).isEmpty();
  }

  @Test
  void everyExampleFitsItsSchema() {
    List<String> wrong = new ArrayList<>();
    int[] seen = {0};

    walk(
        DOCUMENT.root(),
        "#",
        (place, node) -> {
          if (node.has("schema") && node.has("examples")) {
            node.path("examples")
                .properties()
                .forEach(example -> {
                  seen[0]++;
                  JsonNode value = DOCUMENT.resolved(example.getValue()).path("value");
                  DOCUMENT
                      .violations(node.path("schema"), value)
                      .forEach(violation -> wrong.add(place + " " + example.getKey() + violation));
                });
          }
        });

    assertThat(seen[0]).isGreaterThan(40);
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyCodeHasAnExampleThatItsProblemFitsAndNoOther() {
    Map<String, JsonNode> examples = DOCUMENT.problemExamples();

    assertThat(examples).hasSizeGreaterThan(30).containsOnlyKeys(PROBLEMS.keySet());
    examples.forEach((code, example) -> {
      assertThat(example.path("code").asText()).as("example of " + code).isEqualTo(code);
      assertThat(example.path("type").asText())
          .endsWith("/" + code.toLowerCase(Locale.ROOT).replace('_', '-'));
      assertThat(DOCUMENT.violations(SCHEMAS.path("Problem"), example)).as(code).isEmpty();
      for (String problem : new TreeSet<>(PROBLEMS.values())) {
        assertThat(DOCUMENT.violations(SCHEMAS.path(problem), example).isEmpty())
            .as(code + " is a " + problem)
            .isEqualTo(problem.equals(PROBLEMS.get(code)));
      }
    });
  }

  /**
   * What the alternatives have in common tells them apart, by itself and for those who read the
   * discriminator: a client that tries one after another finds the one with all the members.
   */
  @Test
  void alternativesAreToldApartByOneMember() {
    List<String> overlapping = new ArrayList<>();
    int[] seen = {0};

    walk(
        DOCUMENT.root(),
        "#",
        (place, node) -> {
          List<JsonNode> alternatives = objects(node.path("oneOf"));
          if (alternatives.size() > 1) {
            seen[0]++;
            String member = node.at("/discriminator/propertyName").asText();
            Map<String, String> told = new TreeMap<>();
            for (JsonNode alternative : alternatives) {
              for (String value : values(alternative, member)) {
                if (told.put(value, alternative.path("$ref").asText()) != null) {
                  overlapping.add(place + " " + value);
                }
              }
            }
            assertThat(told)
                .as(place)
                .isNotEmpty()
                .isEqualTo(texts(node.at("/discriminator/mapping").properties()));
          }
        });

    assertThat(seen[0]).isPositive();
    assertThat(overlapping).isEmpty();
  }

  /** The alternatives that are objects; {@code null} needs no discriminator. */
  private static List<JsonNode> objects(JsonNode alternatives) {
    List<JsonNode> objects = new ArrayList<>();
    alternatives.forEach(alternative -> {
      if (!alternative.path("type").asText().equals("null")) {
        objects.add(alternative);
      }
    });
    return objects;
  }

  /** What a required member of a schema may be. */
  private static List<String> values(JsonNode schema, String member) {
    List<String> values = new ArrayList<>();
    for (JsonNode part : DOCUMENT.resolved(schema).path("allOf")) {
      if (texts(part.path("required")).contains(member)) {
        values.addAll(texts(part.path("properties").path(member).path("enum")));
      }
    }
    return values;
  }

  /** A generated client makes an Integer of an integer without a format: 2^31 changes are many. */
  @Test
  void everyIntegerHasASize() {
    List<String> sizeless = new ArrayList<>();

    walk(
        DOCUMENT.root(),
        "#",
        (place, node) -> {
          boolean integer =
              node.path("type").asText().equals("integer")
                  || texts(node.path("type")).contains("integer");
          if (integer && !node.path("format").asText().matches("int(32|64)")) {
            sizeless.add(place);
          }
          if (node.path("format").asText().equals("int32")
              && !(node.has("maximum") || place.endsWith("active_runs"))) {
            sizeless.add(place + " has no maximum");
          }
        });

    assertThat(sizeless).isEmpty();
  }

  /** Else a client that was generated yesterday refuses the answers of tomorrow. */
  @Test
  void requestsAreClosedAndAnswersAreOpen() {
    Set<String> closed = new TreeSet<>();
    SCHEMAS
        .properties()
        .forEach(schema ->
            walk(
                schema.getValue(),
                schema.getKey(),
                (place, node) -> {
                  if (node.path("additionalProperties").isBoolean()
                      || node.has("unevaluatedProperties")) {
                    closed.add(place);
                  }
                }));
    Set<String> bodies = new TreeSet<>();
    for (ApiOperation operation : DOCUMENT.operations()) {
      operation
          .node()
          .at("/requestBody/content")
          .forEach(content -> bodies.add(name(content.at("/schema/$ref").asText())));
    }

    assertThat(closed).isEqualTo(bodies).isNotEmpty();
  }

  /** Else the client that is made of it does not compile: a class Override hides @Override. */
  @Test
  void noSchemaHasTheNameOfATypeThatSourcesUseWithoutImport() {
    Set<String> ofKotlin = Set.of("Any", "Array", "Nothing", "Pair", "Result", "Unit");

    assertThat(SCHEMAS.properties())
        .extracting(Map.Entry::getKey)
        .isNotEmpty()
        .noneMatch(name -> isType("java.lang." + name) || ofKotlin.contains(name));
  }

  private static boolean isType(String name) {
    try {
      Class.forName(name);
      return true;
    } catch (ClassNotFoundException _) {
      return false;
    }
  }

  private static String name(String reference) {
    return reference.substring(reference.lastIndexOf('/') + 1);
  }

  @Test
  void everyOperationIsNamedOnceDescribedAndGuarded() {
    List<String> ids =
        DOCUMENT.operations().stream()
            .map(operation -> operation.node().path("operationId").asText())
            .toList();

    assertThat(ids).doesNotContain("").doesNotHaveDuplicates().hasSizeGreaterThan(12);
    for (ApiOperation operation : DOCUMENT.operations()) {
      assertThat(operation.node().path("summary").asText()).as(operation.toString()).isNotEmpty();
      assertThat(operation.node().path("description").asText())
          .as(operation.toString())
          .isNotEmpty();
      assertThat(operation.node().path("responses").has("500")).as(operation.toString()).isTrue();
      if (!operation.template().equals("/openapi.yaml")) {
        assertThat(operation.node().path("responses").has("401")).as(operation + " 401").isTrue();
        assertThat(operation.scopes()).as(operation + " scopes").isNotEmpty();
        assertThat(operation.scopes())
            .as(operation + " scopes")
            .allSatisfy(scope -> assertThat(Scope.ofLabel(scope)).isPresent());
        assertThat(operation.node().path("description").asText().strip())
            .as(operation + " tells its scopes to readers")
            .endsWith("Needs the scope `" + String.join("` or `", operation.scopes()) + "`.");
        assertThat(operation.node().has("security")).as(operation + " security").isFalse();
      }
    }
    assertThat(DOCUMENT.root().path("security").toString())
        .isEqualTo("[{\"bearer\":[]},{\"apiKey\":[]}]");
  }

  @Test
  void pathParametersAreThoseOfTheTemplate() {
    Pattern parameter = Pattern.compile("\\{([^}]+)}");
    for (ApiOperation operation : DOCUMENT.operations()) {
      List<String> inTemplate =
          parameter.matcher(operation.template()).results().map(found -> found.group(1)).toList();
      List<String> documented =
          DOCUMENT.parameters(operation).stream()
              .filter(found -> found.path("in").asText().equals("path"))
              .map(found -> found.path("name").asText())
              .toList();
      assertThat(documented).as(operation.toString()).isEqualTo(inTemplate);
    }
  }

  @Test
  void namesAreThoseOfTheCode() {
    assertThat(texts(schemaEnum("Plan"))).isEqualTo(labels(Plan.values(), Plan::label));
    assertThat(texts(schemaEnum("BlockingCode"))).isEqualTo(labels(RunBlock.values(), Enum::name));
    assertThat(texts(schemaEnum("Source"))).isEqualTo(labels(Source.values(), Source::label));
    assertThat(texts(schemaEnum("Scope")))
        .isEqualTo(
            labels(
                Arrays.stream(Scope.values())
                    .filter(scope -> !scope.isFleet())
                    .toArray(Scope[]::new),
                Scope::label));
  }

  private static JsonNode schemaEnum(String name) {
    return SCHEMAS.path(name).path("enum");
  }

  private static <T> List<String> labels(T[] values, Function<T, String> label) {
    return Arrays.stream(values).map(label).toList();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  private static Map<String, String> texts(Set<Map.Entry<String, JsonNode>> members) {
    return members.stream()
        .collect(Collectors.toMap(Map.Entry::getKey, member -> member.getValue().asText()));
  }

  private static void walk(JsonNode node, String place, BiConsumer<String, JsonNode> visitor) {
    if (node.isObject()) {
      visitor.accept(place, node);
      node.properties()
          .forEach(member -> walk(member.getValue(), place + "/" + member.getKey(), visitor));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        walk(node.get(i), place + "/" + i, visitor);
      }
    }
  }
}
