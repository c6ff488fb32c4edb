package dev.workspaceoperator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrdFileTest {
  @Test
  void theFilesAreWhatIsGenerated() throws IOException {
    for (Path file : List.of(CrdGenerator.FILE, CrdGenerator.CHART_FILE)) {
      assertThat(Files.readString(file))
          .as("%s is stale: run ./mvnw -Pgenerate test-compile", file)
          .isEqualTo(CrdGenerator.generate());
    }
  }

  /** So no Workspace can name what is of another namespace. */
  @Test
  void noFieldOfTheSpecNamesAnotherObject() throws IOException {
    JsonNode spec =
        new YAMLMapper()
            .readTree(CrdGenerator.FILE.toFile())
            .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    assertThat(fields(spec))
        .contains("plan", "apiKeys", "sha256")
        .noneMatch(field ->
            field.matches(
                "(?i).*(secret|configmap|namespace|selector|serviceaccount).*|.*([rR]ef|[rR]eference)s?"));
  }

  /** For kubectl explain, and for clients that are generated: a time is no text, and has a size. */
  @Test
  void everyFieldIsDescribedAndEveryTimeAndNumberIsOfItsKind() throws IOException {
    List<String> wanting = new ArrayList<>();
    addWanting(
        new YAMLMapper()
            .readTree(CrdGenerator.FILE.toFile())
            .at("/spec/versions/0/schema/openAPIV3Schema"),
        "Workspace",
        wanting);

    assertThat(wanting).isEmpty();
  }

  private static void addWanting(JsonNode schema, String place, List<String> wanting) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      JsonNode field = property.getValue();
      String name = place + "." + property.getKey();
      String format = field.path("format").asText();
      String description = field.path("description").asText();
      if (description.isEmpty()) {
        wanting.add(name + " has no description");
      }
      if (field.path("type").asText().equals("integer")
          && !(format.matches("int(32|64)") || field.has("maximum"))) {
        wanting.add(name + " is an integer without a size");
      }
      if (description.matches("(When|Since when)\\b.*")
          && field.path("type").asText().equals("string")
          && !format.equals("date-time")) {
        wanting.add(name + " is a time without its format");
      }
      addWanting(field, name, wanting);
      addWanting(field.path("items"), name + "[]", wanting);
    }
  }

  private static List<String> fields(JsonNode schema) {
    List<String> fields = new ArrayList<>();
    for (JsonNode properties : schema.findValues("properties")) {
      for (Map.Entry<String, JsonNode> property : properties.properties()) {
        fields.add(property.getKey());
        fields.addAll(fields(property.getValue()));
      }
    }
    return fields;
  }
}
