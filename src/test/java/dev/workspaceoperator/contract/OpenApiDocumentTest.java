package dev.workspaceoperator.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code openapi.yaml} is sound in itself, and says what the code says. */
final class OpenApiDocumentTest {
  private static final OpenApiDocument DOCUMENT = OpenApiDocument.shipped();
  private static final JsonNode COMPONENTS = DOCUMENT.root().path("components");

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
  void everyCodeHasAnExampleThatItsProblemFits() {
    for (JsonNode code : COMPONENTS.path("schemas").path("Code").path("enum")) {
      String name = code.textValue();
      JsonNode example = COMPONENTS.path("examples").path(name).path("value");

      assertThat(example.path("code").asText()).as("example of " + name).isEqualTo(name);
      assertThat(example.path("type").asText())
          .endsWith("/" + name.toLowerCase(Locale.ROOT).replace('_', '-'));
      assertThat(DOCUMENT.violations(problemSchema(name), example)).as(name).isEmpty();
    }
  }

  /** The one with extension members for the code, or the plain one. */
  private static JsonNode problemSchema(String code) {
    return COMPONENTS.path("schemas").properties().stream()
        .filter(schema -> schema.getKey().endsWith("Problem"))
        .map(Map.Entry::getValue)
        .filter(schema -> {
          JsonNode codes = schema.path("properties").path("code");
          return codes.path("const").asText().equals(code)
              || texts(codes.path("enum")).contains(code);
        })
        .findFirst()
        .orElseGet(() -> COMPONENTS.path("schemas").path("Problem"));
  }

  @Test
  void everyOperationIsNamedOnceDescribedAndGuarded() {
    List<String> ids =
        DOCUMENT.operations().stream()
            .map(operation -> operation.node().path("operationId").asText())
            .toList();

    assertThat(ids).doesNotContain("").doesNotHaveDuplicates().hasSizeGreaterThan(12);
    for (Operation operation : DOCUMENT.operations()) {
      assertThat(operation.node().path("summary").asText()).as(operation.toString()).isNotEmpty();
      assertThat(operation.node().path("responses").has("500")).as(operation.toString()).isTrue();
      if (!operation.template().equals("/openapi.yaml")) {
        assertThat(operation.node().path("responses").has("401")).as(operation + " 401").isTrue();
        assertThat(operation.scopes()).as(operation + " scopes").isNotEmpty();
        assertThat(operation.scopes())
            .as(operation + " scopes")
            .allSatisfy(scope -> assertThat(Scope.ofLabel(scope)).isPresent());
        assertThat(alternatives(operation, "bearer"))
            .as(operation + ": each kind of credential needs one of the scopes")
            .isEqualTo(alternatives(operation, "apiKey"))
            .hasSameSizeAs(operation.scopes());
      }
    }
  }

  /** What each alternative asks of a kind of credential: one scope. */
  private static List<List<String>> alternatives(Operation operation, String scheme) {
    List<List<String>> alternatives = new ArrayList<>();
    operation
        .node()
        .path("security")
        .forEach(alternative -> {
          assertThat(alternative.size()).as(operation + " security").isEqualTo(1);
          if (alternative.has(scheme)) {
            alternatives.add(texts(alternative.path(scheme)));
          }
        });
    assertThat(alternatives).as(operation + " security").allMatch(scopes -> scopes.size() == 1);
    return alternatives;
  }

  @Test
  void pathParametersAreThoseOfTheTemplate() {
    Pattern parameter = Pattern.compile("\\{([^}]+)}");
    for (Operation operation : DOCUMENT.operations()) {
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
    return COMPONENTS.path("schemas").path(name).path("enum");
  }

  private static <T> List<String> labels(T[] values, Function<T, String> label) {
    return Arrays.stream(values).map(label).toList();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(element -> texts.add(element.asText()));
    return texts;
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
