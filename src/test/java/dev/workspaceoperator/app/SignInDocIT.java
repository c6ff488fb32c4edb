package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.auth.IssuerFile;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.contract.DocBlocks;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.SettingValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/sign-in.md shows works as it stands. */
class SignInDocIT {
  private static final Path PAGE = Path.of("docs/sign-in.md");
  private static final Pattern ISSUERS =
      Pattern.compile("^```yaml\n(issuers:\n.*?)^```\n", Pattern.MULTILINE | Pattern.DOTALL);

  @TempDir private Path directory;

  @Test
  void theFilesOfIssuersAreReadWithoutAMistake() throws IOException {
    List<TokenIssuer> issuers = new ArrayList<>();
    for (MatchResult shown : ISSUERS.matcher(Files.readString(PAGE)).results().toList()) {
      List<String> mistakes = new ArrayList<>();
      Path file = directory.resolve("issuers.yaml");
      Files.writeString(file, withFiles(shown.group(1)));
      issuers.addAll(IssuerFile.read(file, mistakes::add));
      assertThat(mistakes).isEmpty();
    }
    assertThat(issuers).hasSize(13);
  }

  @Test
  void theKeyForAManifestIsOne() throws Exception {
    String script = block("python3") + "\nprintf '%s\\n' \"$key\"";

    List<String> printed = bash(new ProcessBuilder(), script).lines().toList();

    assertThat(printed).hasSize(2);
    assertThat(ApiKey.parse(printed.getLast()))
        .hasValueSatisfying(key -> assertThat(key.digest().hex()).isEqualTo(printed.getFirst()));
  }

  @Test
  void aServiceAccountOfRunModesClusterSignsIn() throws Exception {
    KubeApiServer cluster = SharedKubeApiServer.get();
    cluster
        .kubectlWithInput(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: quickstart}",
            "apply",
            "--server-side",
            "-f",
            "-")
        .orThrow();
    List<TokenIssuer> issuers = new RunIssuer(directory).of(cluster, "default");
    try (ApiServer server = ApiServer.accepting(issuers)) {
      server.declare(quickstart());
      ProcessBuilder environment = new ProcessBuilder();
      environment.environment().put("KUBECTL", cluster.kubectlProgram().toString());
      environment.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
      environment.environment().put("KUBECACHEDIR", directory.resolve("cache").toString());
      environment.environment().put("WORKSPACE_API_URL", "http://127.0.0.1:" + server.port());
      String script = block("create serviceaccount").replace("set -a; . .run/env; set +a\n", "");

      assertThat(bash(environment, script)).contains("\"slug\":\"quickstart\"");
    }
  }

  private static Manifest quickstart() {
    return new Manifest(
        new ResourceIdentity("default", "quickstart", "quickstart"),
        "uid-quickstart",
        1,
        "quickstart",
        new DeclaredSettings(Plan.SCALE, SettingValues.NONE, Optional.empty(), Optional.empty()),
        DeletionPolicy.RETAIN,
        List.of(),
        List.of());
  }

  /** The files that an entry names, which are not on this machine. */
  private String withFiles(String yaml) throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    return yaml.replaceAll("(caFile|tokenFile): .*", "$1: " + file);
  }

  private static String block(String containing) throws IOException {
    return DocBlocks.of(PAGE).stream()
        .map(DocBlocks.Block::script)
        .filter(script -> script.contains(containing))
        .findFirst()
        .orElseThrow();
  }

  private static String bash(ProcessBuilder builder, String script) throws InterruptedException {
    builder.command("bash", "-euo", "pipefail", "-c", script);
    return CommandResult.of(builder, "", Duration.ofSeconds(60)).orThrow();
  }
}
