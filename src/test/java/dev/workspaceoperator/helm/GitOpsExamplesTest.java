package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples for Argo CD and Flux say what they must. */
class GitOpsExamplesTest {
  private static final Path ARGOCD = Path.of("examples", "argocd");

  @Test
  void theValuesOfArgoCdHoldTheHealthScriptAndImpersonation() throws IOException {
    JsonNode settings =
        new YAMLMapper().readTree(ARGOCD.resolve("argocd-values.yaml").toFile()).at("/configs/cm");

    assertThat(
            settings
                .path("resource.customizations.health.workspace-operator.dev_Workspace")
                .asText())
        .isEqualTo(Files.readString(ArgoHealth.SCRIPT));
    assertThat(settings.path("application.sync.impersonation.enabled").asText()).isEqualTo("true");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      textBlock =
          """
          no status                | none                                                     | Progressing
          an empty status          | {observedGeneration: -1}                                 | Progressing
          an older version         | {observedGeneration: 1, conditions: [{type: Ready, status: 'True', message: m}]} | Progressing
          not ready, nothing else  | {observedGeneration: 2, conditions: [{type: Ready, status: 'False', message: m}]} | Progressing
          stalled and killed       | {observedGeneration: 2, conditions: [{type: KillSwitchActive, status: 'True', message: k}, {type: Stalled, status: 'True', message: m}]} | Degraded
          reconciling and killed   | {observedGeneration: 2, conditions: [{type: KillSwitchActive, status: 'True', message: k}, {type: Reconciling, status: 'True', message: m}]} | Progressing
          ready and killed         | {observedGeneration: 2, conditions: [{type: Ready, status: 'True', message: k}, {type: KillSwitchActive, status: 'True', message: m}]} | Suspended
          ready, not killed        | {observedGeneration: 2, conditions: [{type: KillSwitchActive, status: 'False', message: k}, {type: Ready, status: 'True', message: m}]} | Healthy
          ready and plan limited   | {observedGeneration: 2, conditions: [{type: PlanLimited, status: 'True', message: m}, {type: Ready, status: 'True', message: k}]} | Healthy
          """)
  void healthFollowsFromConditions(String title, @Nullable String status, String health)
      throws IOException {
    String workspace =
        "{metadata: {generation: 2}%s}".formatted(status == null ? "" : ", status: " + status);

    ArgoHealth found = ArgoHealth.of(new YAMLMapper().readTree(workspace).toString());

    assertThat(found.status()).as(title).isEqualTo(health);
    assertThat(found.message()).isNotEmpty().isNotEqualTo("k");
  }

  /** With impersonation on, Argo CD syncs no Application whose project has none for it. */
  @ParameterizedTest
  @ValueSource(strings = {"operator.yaml", "team.yaml"})
  void theProjectOfEachApplicationHasAnAccountForItsDestination(String file) throws IOException {
    List<JsonNode> documents = documents(ARGOCD.resolve(file));
    JsonNode project = ofKind(documents, "AppProject");
    JsonNode application = ofKind(documents, "Application");

    assertThat(application.at("/spec/project")).isEqualTo(project.at("/metadata/name"));
    assertThat(project.at("/spec/sourceRepos")).contains(application.at("/spec/source/repoURL"));
    JsonNode destination = application.at("/spec/destination");
    assertThat(project.at("/spec/destinations")).contains(destination);
    JsonNode account = project.at("/spec/destinationServiceAccounts/0");
    assertThat(account.path("server")).isEqualTo(destination.path("server"));
    assertThat(account.path("namespace")).isEqualTo(destination.path("namespace"));
    String name = account.path("defaultServiceAccount").asText();
    assertThat(Files.readString(ARGOCD.resolve("rights.yaml")))
        .contains("name: " + name.substring(name.indexOf(':') + 1) + "\n");
  }

  private static JsonNode ofKind(List<JsonNode> documents, String kind) {
    return documents.stream()
        .filter(document -> document.path("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSyncOfArgoCdAndOfFluxRunsAsTheAccountThatHasTheRights() throws IOException {
    JsonNode project = documents(ARGOCD.resolve("team.yaml")).getFirst();
    assertThat(project.at("/spec/destinationServiceAccounts/0/defaultServiceAccount").asText())
        .isEqualTo("research-gitops:workspace-deployer");
    JsonNode kustomization =
        ofKind(documents(Path.of("examples", "flux", "team.yaml")), "Kustomization");
    assertThat(kustomization.at("/metadata/namespace").asText()).isEqualTo("research-gitops");
    assertThat(kustomization.at("/spec/serviceAccountName").asText())
        .isEqualTo("workspace-deployer");
    assertThat(kustomization.at("/spec/wait").asBoolean()).isTrue();
    for (String tool : new String[] {"argocd", "flux"}) {
      List<JsonNode> rights = documents(Path.of("examples", tool, "rights.yaml"));
      assertThat(
              rights.stream()
                  .filter(document ->
                      document.at("/subjects/0/name").asText().equals("workspace-deployer")
                          && document
                              .at("/subjects/0/namespace")
                              .asText()
                              .equals("research-gitops"))
                  .map(document -> document.at("/roleRef/name").asText()))
          .containsExactly(
              "workspace-operator-view",
              "workspace-operator-edit",
              "workspace-operator-plan-pro",
              "workspace-operator-raise-budgets",
              "workspace-operator-grant-scopes",
              "workspace-operator-release-kill-switch");
    }
  }

  private static List<JsonNode> documents(Path file) throws IOException {
    try (MappingIterator<JsonNode> read =
        new YAMLMapper().readerFor(JsonNode.class).readValues(file.toFile())) {
      return read.readAll();
    }
  }
}
