package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.contract.DocBlocks;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.sql.DatabaseSettings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/api.md, pasted block by block into one shell, on what run mode starts. */
final class ApiDocIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Members whose values are others in each installation or each time. */
  private static final Set<String> VARYING =
      Set.of(
          "id",
          "run_id",
          "cluster",
          "request_id",
          "key",
          "created_at",
          "expires_at",
          "started_at",
          "lease_expires_at",
          "admitted_at",
          "settled_at",
          "finished_at",
          "revision",
          "since");

  private static final Pattern EVENT =
      Pattern.compile("id: \\d+\\nevent: workspace\\ndata: (\\{.*})", Pattern.DOTALL);

  @TempDir private Path directory;

  @Test
  void everyBlockWorksAsItStandsAndAnswersWhatThePageShows() throws Exception {
    List<DocBlocks.Block> blocks = DocBlocks.of(Path.of("docs/api.md"));
    String database = SharedDatabase.create();
    KubeApiServer kube = SharedKubeApiServer.get();
    WorkspaceCrd.install(kube);
    Cluster cluster = new Cluster(kube, database, "api-doc", "quickstart");
    try (ControllerRole _ = cluster.controller();
        ApiServer api = ApiServer.on(database)) {
      kube.kubectl("apply", "-f", "examples/quickstart").orThrow();
      cluster.await("quickstart", "Ready");
      layOut(
          Map.of(
              "KUBECONFIG", kube.kubeconfig().toAbsolutePath().toString(),
              "KUBECTL", kube.kubectlProgram().toString(),
              "WORKSPACE_API_URL", "http://127.0.0.1:" + api.port(),
              "WORKSPACE_API_KEY",
                  new RunKey(new RunFile(directory.resolve("api-key")))
                      .of("quickstart", DatabaseSettings.of(database)),
              "DATABASE_URL", database));

      CommandResult result = paste(blocks);

      assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
    }
    SoftAssertions answers = new SoftAssertions();
    for (int i = 0; i < blocks.size(); i++) {
      check(blocks.get(i), Files.readString(output(i)).strip(), answers);
    }
    answers.assertAll();
  }

  /** The directory in which the page is read: a built project with a running run mode. */
  private void layOut(Map<String, String> environment) throws IOException {
    Files.createDirectory(directory.resolve(".run"));
    new RunFile(directory.resolve(".run/env")).write(new LinkedHashMap<>(environment));
    Path jar = Path.of(System.getProperty("application.jar", ""));
    assertThat(jar).exists();
    Files.createSymbolicLink(directory.resolve("target"), jar.toAbsolutePath().getParent());
  }

  /**
   * One shell, so that a block sees the variables of those before; it ends at the first failure.
   */
  private CommandResult paste(List<DocBlocks.Block> blocks) throws Exception {
    StringBuilder script = new StringBuilder("set -eu\n");
    for (int i = 0; i < blocks.size(); i++) {
      Path block = Files.writeString(directory.resolve("block-" + i), blocks.get(i).script());
      script
          .append("echo 'running the block at line %d'\n".formatted(blocks.get(i).line()))
          .append(". '%s' > '%s'\n".formatted(block, output(i)));
    }
    ProcessBuilder bash = new ProcessBuilder("bash", "-c", script.toString());
    bash.directory(directory.toFile());
    bash.environment()
        .merge(
            "PATH",
            Path.of(System.getProperty("java.home"), "bin").toString(),
            (path, java) -> java + File.pathSeparator + path);
    try {
      return CommandResult.of(bash, "", Duration.ofMinutes(2));
    } finally {
      Files.delete(directory.resolve("target"));
    }
  }

  private Path output(int block) {
    return directory.resolve("output-" + block);
  }

  private static void check(DocBlocks.Block block, String output, SoftAssertions answers)
      throws IOException {
    String place = "the block at line " + block.line();
    if (block.answer().isPresent()) {
      answers
          .assertThat(elided(JSON.readTree(output)).toPrettyString())
          .as(place + " answered " + output)
          .isEqualTo(elided(JSON.readTree(block.answer().get())).toPrettyString());
    } else if (block.script().contains("/v1/workspace/events")) {
      answers.assertThat(output).as(place).matches(EVENT);
    } else if (block.script().contains("curl ")) {
      JsonNode answer = JSON.readTree(output);
      answers.assertThat(answer.isObject()).as(place + " answered " + output).isTrue();
      answers.assertThat(answer.has("code")).as(place + " answered " + output).isFalse();
    }
  }

  private static JsonNode elided(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        if (VARYING.contains(member.getKey()) && !member.getValue().isNull()) {
          member.setValue(object.textNode("…"));
        } else {
          elided(member.getValue());
        }
      }
    } else if (node instanceof ArrayNode array) {
      array.forEach(ApiDocIT::elided);
    }
    return node;
  }
}
