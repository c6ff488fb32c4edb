package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiCaller.Reply;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The agents in {@code examples/agent}, on a real server. */
@SuppressWarnings("NullAway.Init") // Set up before each test.
class AgentExamplesIT {
  private static final Path EXAMPLES = Path.of("examples", "agent");
  private static final String JAVA_PROGRAM =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final String RUNS = "/v1/runs";
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir private static Path compiled;
  private static ApiServer server;
  private static ApiCaller api;

  @TempDir private Path directory;
  private ApiServer.Declared workspace;
  private String key;

  @BeforeAll
  static void start() throws InterruptedException {
    int failures =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "-d",
                compiled.toString(),
                EXAMPLES.resolve("Agent.java").toString());
    assertThat(failures).isZero();
    server = ApiServer.start();
    api = new ApiCaller(server.port());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void makeWorkspace() {
    enter(server.workspace(Plan.SCALE));
  }

  /** Started as the page says; the others from compiled classes, which are there at once. */
  @ParameterizedTest
  @EnumSource
  void aWholeRunAsksSettlesAndSucceeds(Language language) throws Exception {
    ProcessBuilder asShown = language.asShown("--steps", "3", "--step-seconds", "0.05");
    try (Agent agent = startWith(Map.of("WORKSPACE_API_KEY", key), asShown)) {
      assertThat(agent.exitCode()).isZero();
      assertThat(agent.output())
          .contains("started for ada.", "Step 3 of 3: 0.02 US dollars reserved", "succeeded;");
    }
    Reply run = newestRun();
    assertThat(run.json().path("status").asText()).isEqualTo("succeeded");
    assertThat(run.json().path("spent_usd").asDouble()).isBetween(3 * 0.006, 3 * 0.018);
    assertThat(run.json().path("reserved_usd").asDouble()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void theKillSwitchStopsItsNextStep(Language language) throws Exception {
    try (Agent agent = start(language, "--steps", "100000", "--step-seconds", "0.05")) {
      agent.awaitOutput("Step 2 of");
      kill();
      assertThat(agent.exitCode()).isEqualTo(3);
      assertThat(agent.output()).contains("Stopped, KILL_SWITCH_ACTIVE", "Reason: runaway agent");
    }
    assertThat(newestRun().json().path("status").asText()).isEqualTo("cancelled");
  }

  @ParameterizedTest
  @EnumSource
  void theHeartbeatStopsAStepThatIsUnderWay(Language language) throws Exception {
    try (Agent agent =
        start(language, "--steps", "1", "--step-seconds", "600", "--lease-seconds", "5")) {
      agent.awaitOutput("started for");
      await().atMost(BOUND).until(() -> newestRun().json().path("reserved_usd").asDouble() > 0);
      kill();
      assertThat(agent.exitCode()).isEqualTo(3);
      assertThat(agent.output())
          .contains("Stopped, KILL_SWITCH_ACTIVE: told by the heartbeat", "cancelled;");
    }
    assertThat(newestRun().json().path("spent_usd").asDouble()).isLessThan(0.002);
  }

  @ParameterizedTest
  @EnumSource
  void aBudgetThatIsUsedUpEndsIt(Language language) throws Exception {
    enter(server.workspaceWithBudget(Plan.SCALE, "0.05"));
    try (Agent agent = start(language, "--steps", "100", "--step-seconds", "0")) {
      assertThat(agent.exitCode()).isEqualTo(3);
      assertThat(agent.output()).contains("Stopped, DAILY_BUDGET_EXCEEDED");
    }
    Reply run = newestRun();
    assertThat(run.json().path("status").asText()).isEqualTo("failed");
    assertThat(run.json().path("spent_usd").asDouble()).isBetween(0.03, 0.05);
  }

  @ParameterizedTest
  @EnumSource
  void aFullWorkspaceIsWaitedFor(Language language) throws Exception {
    post("PATCH", ApiCaller.WORKSPACE, "{\"max_concurrent_runs\":1}");
    Reply blocker = post("POST", RUNS, "{\"user_id\":\"bob\",\"lease_seconds\":3600}");
    try (Agent agent = start(language, "--steps", "1", "--step-seconds", "0")) {
      agent.awaitOutput("MAX_CONCURRENT_RUNS_EXCEEDED");
      post(
          "POST",
          RUNS + "/" + blocker.json().path("id").asText() + "/finish",
          "{\"outcome\":\"succeeded\"}");
      assertThat(agent.exitCode()).isZero();
      assertThat(agent.output()).contains("Waiting 1 s, ", "Step 1 of 1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSignalCancelsTheRun(Language language) throws Exception {
    try (Agent agent = start(language, "--steps", "1", "--step-seconds", "600")) {
      agent.awaitOutput("started for");
      agent.terminate();
      assertThat(agent.exitCode()).isEqualTo(143);
      assertThat(agent.output()).contains("cancelled;");
    }
    assertThat(newestRun().json().path("status").asText()).isEqualTo("cancelled");
  }

  /** As Kubernetes renews the token of a ServiceAccount, in the file that it mounts. */
  @ParameterizedTest
  @EnumSource
  void aCredentialThatIsRenewedInItsFileIsReadAgain(Language language) throws Exception {
    String first = key;
    Path file = Files.writeString(directory.resolve("token"), first + "\n");
    try (Agent agent =
        startWith(
            Map.of("WORKSPACE_API_KEY_FILE", file.toString()),
            language.process("--steps", "100000", "--step-seconds", "0.05"))) {
      agent.awaitOutput("Step 2 of");
      key = server.keyWithAllScopes(workspace.id());
      Path next = Files.writeString(directory.resolve("next"), key + "\n");
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      revokeTheFirstKey();
      await().atMost(BOUND).until(() -> api.get(first, RUNS).status() == 401);
      long steps = agent.output().lines().filter(line -> line.startsWith("Step ")).count();
      agent.awaitOutput("Step %d of".formatted(steps + 3));
      kill();
      assertThat(agent.exitCode()).isEqualTo(3);
      assertThat(agent.output()).contains("Stopped, KILL_SWITCH_ACTIVE");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatIsNotThereIsASentence(Language language) throws Exception {
    ProcessBuilder builder = language.process();
    builder.environment().put("WORKSPACE_API_URL", "http://127.0.0.1:1");
    builder.environment().put("WORKSPACE_API_KEY_FILE", directory.resolve("missing").toString());

    CommandResult result = CommandResult.of(builder, "", BOUND);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.stderr())
        .contains("WORKSPACE_API_KEY_FILE cannot be read", "missing")
        .doesNotContain("Traceback", "\tat ");
  }

  @ParameterizedTest
  @EnumSource
  void aMissingVariableIsASentence(Language language) throws Exception {
    ProcessBuilder builder = language.process();
    builder.environment().put("WORKSPACE_API_URL", "http://127.0.0.1:1");
    builder.environment().remove("WORKSPACE_API_KEY");

    CommandResult result = CommandResult.of(builder, "", BOUND);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.stderr())
        .containsIgnoringCase("set WORKSPACE_API_KEY; run mode writes both")
        .doesNotContain("Traceback", "\tat ");
  }

  private void enter(ApiServer.Declared declared) {
    workspace = declared;
    key = server.keyWithAllScopes(workspace.id());
  }

  private void revokeTheFirstKey() throws IOException {
    JsonNode keys = api.get(key, "/v1/api-keys").json().path("items");
    String id = keys.path(keys.size() - 1).path("id").asText();
    assertThat(api.call(key, "DELETE", "/v1/api-keys/" + id, "").status()).isEqualTo(204);
  }

  private void kill() throws IOException {
    post("POST", ApiCaller.KILL_SWITCH, "{\"active\":true,\"reason\":\"runaway agent\"}");
  }

  private Reply post(String method, String path, String body) throws IOException {
    Reply reply = api.call(key, method, path, body);
    assertThat(reply.status()).isBetween(200, 201);
    return reply;
  }

  private Reply newestRun() throws IOException {
    String id = api.get(key, RUNS).json().path("items").path(0).path("id").asText();
    return api.get(key, RUNS + "/" + id);
  }

  private Agent start(Language language, String... options) throws IOException {
    return startWith(Map.of("WORKSPACE_API_KEY", key), language.process(options));
  }

  private Agent startWith(Map<String, String> credential, ProcessBuilder builder)
      throws IOException {
    builder.environment().put("WORKSPACE_API_URL", "http://127.0.0.1:" + server.port());
    builder.environment().putAll(credential);
    Path output = directory.resolve("output");
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    return new Agent(builder.start(), output);
  }

  /** In which the agent is written. */
  enum Language {
    JAVA,
    PYTHON;

    ProcessBuilder process(String... options) {
      return process(
          switch (this) {
            case JAVA -> List.of(JAVA_PROGRAM, "-cp", compiled.toString(), "Agent");
            case PYTHON -> List.of("python3", EXAMPLES.resolve("agent.py").toString());
          },
          options);
    }

    /** As the example says. */
    ProcessBuilder asShown(String... options) {
      return process(
          switch (this) {
            case JAVA -> List.of(JAVA_PROGRAM, EXAMPLES.resolve("Agent.java").toString());
            case PYTHON -> List.of("python3", EXAMPLES.resolve("agent.py").toString());
          },
          options);
    }

    private ProcessBuilder process(List<String> program, String... options) {
      assumeTrue(this == JAVA || hasPython(), "there is no python3 here");
      List<String> all = new ArrayList<>(program);
      all.addAll(List.of(options));
      return new ProcessBuilder(all);
    }

    private static boolean hasPython() {
      try {
        return CommandResult.of(new ProcessBuilder("python3", "--version"), "", BOUND).exitCode()
            == 0;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  /** An agent that runs. */
  private record Agent(Process process, Path log) implements AutoCloseable {
    String output() throws IOException {
      return Files.readString(log);
    }

    void awaitOutput(String text) {
      await()
          .atMost(BOUND)
          .pollInterval(Duration.ofMillis(20))
          .untilAsserted(() -> assertThat(output()).contains(text));
    }

    /** SIGTERM. */
    void terminate() {
      process.destroy();
    }

    int exitCode() throws InterruptedException, IOException {
      assertThat(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
      return process.exitValue();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
