package dev.workspaceoperator.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every place outside the code that a setting must have (design.md §15); those in the code either
 * loop over {@link Setting} or do not compile without it.
 */
class SettingPlacesTest {
  private static final JsonNode CRD =
      yaml(Path.of("crds", "workspaces.workspace-operator.dev.yaml"))
          .at("/spec/versions/0/schema/openAPIV3Schema/properties");
  private static final JsonNode SCHEMAS =
      yaml(Path.of("src", "main", "resources", "openapi.yaml")).at("/components/schemas");

  @ParameterizedTest
  @EnumSource(Setting.class)
  void theCrdHasItInSpecAndStatus(Setting setting) {
    assertThat(CRD.at("/spec/properties/%s/description".formatted(setting.specName())).asText())
        .as("a component of WorkspaceSpec, then ./mvnw -Pgenerate test-compile")
        .isNotEmpty();
    assertThat(
            CRD.at("/status/properties/effective/properties/" + setting.specName()).isMissingNode())
        .as("a component of WorkspaceStatus.Effective, then ./mvnw -Pgenerate test-compile")
        .isFalse();
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void theDescriptionOfTheRestApiHasIt(Setting setting) {
    String name = setting.restName();
    assertThat(texts(SCHEMAS.at("/SettingField/enum"))).as("SettingField").contains(name);
    assertThat(SCHEMAS.at("/WorkspacePatch/properties").has(name)).as("WorkspacePatch").isTrue();
    assertThat(SCHEMAS.at("/Settings/properties").has(name)).as("Settings").isTrue();
    assertThat(texts(SCHEMAS.at("/Settings/required"))).as("Settings").contains(name);
    for (String schema : List.of("Workspace", "FleetWorkspace")) {
      assertThat(SCHEMAS.at("/%s/properties".formatted(schema)).has(name))
          .as(schema)
          .isEqualTo(setting.isField());
      assertThat(texts(SCHEMAS.at("/%s/required".formatted(schema))).contains(name))
          .as(schema)
          .isEqualTo(setting.isField());
    }
    assertThat(texts(SCHEMAS.at("/OverrideField/enum")).contains(name))
        .as("OverrideField")
        .isEqualTo(setting.isOverridable());
    assertThat(SCHEMAS.at("/OverrideRequest/properties").has(name))
        .as("OverrideRequest")
        .isEqualTo(setting.isOverridable());
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void thePagesTellOfIt(Setting setting) {
    assertThat(read(Path.of("docs", "workspace.md"))).contains("| `" + setting.specName() + "` |");
    assertThat(read(Path.of("docs", "api.md"))).contains('"' + setting.restName() + '"');
    if (setting.requiredPlan() != Plan.BASIC) {
      String page = read(Path.of("docs", "workspace.md"));
      assertThat(page.substring(page.indexOf("## Plans")))
          .contains("| `" + setting.specName() + "` |");
    }
  }

  static Stream<Setting> limits() {
    return Stream.of(Setting.values()).filter(setting -> setting.raising().isPresent());
  }

  @ParameterizedTest
  @MethodSource("limits")
  void whatLimitsIsGuarded(Setting setting) {
    String right = setting.raising().orElseThrow().name();
    assertThat(read(Path.of("helm", "workspace-operator", "templates", "permissions-budgets.yaml")))
        .contains("\"%s\" \"%s\"".formatted(setting.specName(), right));
    assertThat(read(Path.of("docs", "permissions.md")))
        .contains("| `%s` ".formatted(setting.specName()), "| `%s` |".formatted(right));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static JsonNode yaml(Path file) {
    try {
      return new YAMLMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
