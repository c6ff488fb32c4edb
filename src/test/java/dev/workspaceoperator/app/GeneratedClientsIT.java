package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.contract.ClientTools;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.SettingValues;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that are made of openapi.yaml by the commands of docs/api.md run the quickstart, and get
 * each refusal as the type that its code has, with the members of its own.
 */
final class GeneratedClientsIT {
  private static final Path PAGE = Path.of("docs/api.md");

  /** What the page's programs print. */
  private static final String SHOWN = "Not more than";

  private static final Duration BOUND = Duration.ofMinutes(5);

  @TempDir private Path directory;

  @Test
  void aPythonClientRunsTheQuickstart() throws Exception {
    Path tools = ClientTools.PYTHON.folder();
    copy("python/quickstart.py");
    Files.writeString(directory.resolve("ask.py"), block("python", SHOWN));

    String made =
        run(
            tools,
            block("sh", "openapi-python-client")
                + """
                python quickstart.py
                python ask.py
                """);

    assertThat(made).contains("The quickstart works.", SHOWN + " 5 dollars");
    assertThat(warnings(made, "WARNING parsing .*"))
        .containsExactly("WARNING parsing GET /openapi.yaml within description.");
  }

  @Test
  @EnabledIfSystemProperty(
      named = "clients.java",
      matches = "true",
      disabledReason = "takes half a minute: -Dclients.java=true")
  void aJavaClientRunsTheQuickstart() throws Exception {
    Path tools = ClientTools.JAVA.folder();
    copy("java/Quickstart.java");
    Files.writeString(directory.resolve("Ask.java"), block("java", SHOWN));

    String made =
        run(
            tools,
            block("sh", "openapi-generator-cli")
                + """
                find workspace-client/src/main/java -name '*.java' > sources
                javac -nowarn -proc:none -d classes -cp "$TOOLS/lib/*" @sources Quickstart.java Ask.java
                java -cp "classes:$TOOLS/lib/*" Quickstart
                java -cp "classes:$TOOLS/lib/*" Ask
                """);

    assertThat(made).contains("The quickstart works.", SHOWN + " 5 dollars");
    assertThat(warnings(made, "\\] ERROR .*")).isEmpty();
  }

  private void copy(String program) throws IOException {
    Path source = ClientTools.DIRECTORY.resolve(program);
    Files.copy(source, directory.resolve(source.getFileName()));
  }

  /** The page's block of this language that has this text. */
  private static String block(String language, String text) throws IOException {
    List<String> blocks =
        Pattern.compile("^```" + language + "\n(.*?)^```\n", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(Files.readString(PAGE))
            .results()
            .map(found -> found.group(1))
            .filter(found -> found.contains(text))
            .toList();
    assertThat(blocks).as(language + " with " + text).hasSize(1);
    return blocks.getFirst();
  }

  private static List<String> warnings(String made, String pattern) {
    return Pattern.compile(pattern).matcher(made).results().map(MatchResult::group).toList();
  }

  private String run(Path tools, String script) throws InterruptedException {
    try (ApiServer server = ApiServer.start()) {
      ApiServer.Declared team = server.workspaceWithBudget(Plan.SCALE, "100");
      ApiServer.Declared held = server.workspace(Plan.SCALE);
      server.declare(
          held.with(
              new DeclaredSettings(
                  Plan.SCALE,
                  SettingValues.NONE,
                  Optional.of(true),
                  Optional.of("Frozen for the audit."))));
      ProcessBuilder bash = new ProcessBuilder("bash", "-euc", script);
      bash.directory(directory.toFile());
      Map<String, String> environment = bash.environment();
      environment.put("TOOLS", tools.toString());
      environment.put("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
      environment.put("WORKSPACE_API_URL", "http://127.0.0.1:" + server.port());
      environment.put("WORKSPACE_API_KEY", server.keyWithAllScopes(team.id()));
      environment.put("HELD_API_KEY", server.keyWithAllScopes(held.id()));
      environment.put("BASIC_API_KEY", server.keyWithAllScopes(server.workspace(Plan.BASIC).id()));
      environment.put("WORKSPACE_FLEET_KEY", server.fleetKey(Scope.FLEET_READ, Scope.FLEET_WRITE));
      environment.merge(
          "PATH",
          List.of(tools.resolve("bin"), Path.of(System.getProperty("java.home"), "bin")).stream()
              .map(Path::toString)
              .collect(Collectors.joining(File.pathSeparator)),
          (path, ours) -> ours + File.pathSeparator + path);
      CommandResult result = CommandResult.of(bash, "", BOUND);
      assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
      return result.stdout() + result.stderr();
    }
  }
}
