package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.workspace.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is under {@code integrations/}, each by its own suite against a server of this build. */
class IntegrationsIT {
  /** The first time an environment is made of what a registry of packages has. */
  private static final Duration BOUND = Duration.ofMinutes(25);

  /** Of the suites' scripts: it could not run, and has said why. */
  private static final int COULD_NOT_RUN = 2;

  @Served private static ApiServer server;

  /** Its methods and errors are those of openapi.yaml, and they work: a part of the next one. */
  @Test
  void thePythonClientSpeaksAsTheOperatorDoes() throws InterruptedException {
    run(
        "src/test/python/run",
        List.of("core", "-k", "test_contract or (test_server and not async)"),
        Map.of("WORKSPACE_TESTS", "server"));
  }

  @Test
  @Tag("integrations")
  void thePythonClientHoldsWhateverFails() throws InterruptedException {
    run("src/test/python/run", List.of("core"), Map.of("WORKSPACE_TESTS", "server"));
  }

  @Test
  @Tag("integrations")
  void itsMiddlewaresHoldOnTheRealFrameworks() throws InterruptedException {
    run("src/test/python/run", List.of("frameworks"), Map.of("WORKSPACE_TESTS", "server"));
  }

  @Test
  @Tag("integrations")
  void liteLlmAsksBeforeEachRequest() throws InterruptedException {
    run(
        "src/test/litellm/run",
        List.of(System.getProperty("gateway.rounds", "3")),
        Map.of("WORKSPACE_API_KEY_TEAM", key()));
  }

  private static String key() {
    return server.keyWithAllScopes(server.workspace(Plan.SCALE).id());
  }

  private static void run(String script, List<String> arguments, Map<String, String> more)
      throws InterruptedException {
    ProcessBuilder suite = new ProcessBuilder(Path.of(script).toAbsolutePath().toString());
    suite.command().addAll(arguments);
    Map<String, String> environment = suite.environment();
    environment.remove("KUBECTL");
    environment.put("WORKSPACE_API_URL", "http://127.0.0.1:" + server.port());
    environment.put("WORKSPACE_API_KEY", key());
    environment.putAll(more);
    CommandResult result = CommandResult.of(suite, "", BOUND);
    if (result.exitCode() == COULD_NOT_RUN) {
      System.err.println("SKIPPED, " + result.stderr().strip());
    }
    assumeTrue(result.exitCode() != COULD_NOT_RUN, result.stderr());
    assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
  }
}
