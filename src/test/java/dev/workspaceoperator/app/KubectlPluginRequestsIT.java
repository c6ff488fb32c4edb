package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeBinaries;
import dev.workspaceoperator.env.ServingAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the plugin sends by a real kubectl, and what it makes of answers: those of a server that
 * notes what it is asked, and answers what no API server of this project would.
 */
@SuppressWarnings("NullAway.Init") // Set up before each test.
class KubectlPluginRequestsIT {
  private static final String KEY = "wsk_of-the-test";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** ESC, CSI of C1, DEL, and a sign that turns text around, in JSON as a server may write it. */
  private static final String HOSTILE =
      "\\u001b[2J\u009b31m\u007f\u202edrow\\n\\t\\\"\\\\\\ud83d\\udd25\\u00e9";

  private static final String SETTINGS =
      """
      {"plan": "Pro", "revision": 7, "name": {"value": "%1$s", "source": "Default", "until": null, "declared_by": null},
       "daily_budget_usd": {"value": 250.0, "source": "Override", "until": "2026-11-24T12:00:00.123456Z", "declared_by": "a/b"},
       "user_daily_budget_usd": {"value": 0.000001, "source": "Runtime", "until": null, "declared_by": null},
       "monthly_budget_usd": {"value": null, "source": "Default", "until": null, "declared_by": null},
       "max_concurrent_runs": {"value": 50, "source": "PlanDefault", "until": null, "declared_by": null},
       "kill_switch": {"value": true, "source": "Runtime", "until": null, "declared_by": null},
       "latches": [{"source": "Runtime", "since": "2026-11-24T09:30:00Z", "reason": "%1$s"}],
       "plan_limits": {"kept": [], "asleep": [], "not_in_force": []}}
      """
          .formatted(HOSTILE);
  private static final String USAGE =
      """
      {"day": "2026-11-24", "resets_at": "2026-11-25T00:00:00Z", "daily_budget_usd": 100, "spent_usd": 42.5,
       "reserved_usd": 0.05, "remaining_usd": 57.45, "active_runs": 3, "max_concurrent_runs": 50,
       "month": {"spent_usd": 961.25, "reserved_usd": 0.050001, "budget_usd": null, "resets_at": "2026-12-01T00:00:00Z"},
       "users": {"items": [], "next_cursor": null}}
      """;
  private static final String STATUS =
      """
      team: ?[2J?31m??drow  "\\\uD83D\uDD25\u00e9, plan Pro, STOPPED

      STOPPED BY  SINCE                 REASON
      Runtime     2026-11-24T09:30:00Z  ?[2J?31m??drow  "\\\uD83D\uDD25\u00e9

      SETTING                    VALUE  SOURCE       UNTIL                 DECLARED BY
      daily_budget_usd          250.00  Override     2026-11-24T12:00:00Z  a/b
      user_daily_budget_usd   0.000001  Runtime      -                     -
      monthly_budget_usd     unlimited  Default      -                     -
      max_concurrent_runs           50  PlanDefault  -                     -

      SPENT     USD  RESERVED     BUDGET  USED  ENDS
      today   42.50      0.05     100.00   42%  2026-11-25T00:00:00Z
      month  961.25  0.050001  unlimited     -  2026-12-01T00:00:00Z

      3 of 50 runs
      """;

  private static Path kubectl;

  @TempDir private Path directory;
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;
  private KubectlPlugin plugin;

  private record Asked(String method, String path, Map<String, List<String>> headers, String body) {
    Optional<String> header(String name) {
      return headers.getOrDefault(name, List.of()).stream().findFirst();
    }
  }

  @BeforeAll
  static void findKubectl() throws InterruptedException {
    kubectl = KubeBinaries.locate(System.err::println).kubectl();
  }

  @BeforeEach
  void start() throws IOException {
    server = serve(HttpServer.create(address(), 0));
    plugin =
        new KubectlPlugin(kubectl, directory.resolve("user"))
            .with("WORKSPACE_API_KEY", KEY)
            .with("WORKSPACE_API_URL", "http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void whatTheServerSaysReachesTheTerminalWithoutControlCharacters() throws Exception {
    assertThat(plugin.run("status", "team").orThrow()).isEqualTo(STATUS);

    CommandResult refused = plugin.run("audit", "team");

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.stdout()).isEmpty();
    assertThat(refused.stderr())
        .startsWith("error: 422 VALIDATION_FAILED: ")
        .contains("#/limit: too many", "request r-1", "\uD83D\uDD25\u00e9");
    assertThat(withoutControls(refused.stderr())).isEqualTo(refused.stderr());
  }

  @Test
  void asJsonItSaysTheSameAndNoControlCharacterEither() throws Exception {
    String printed = plugin.run("status", "team", "-o", "json").orThrow();

    assertThat(withoutControls(printed)).isEqualTo(printed);
    assertThat(JSON.readTree(printed))
        .isEqualTo(JSON.readTree("{\"settings\":%s,\"usage\":%s}".formatted(SETTINGS, USAGE)));
  }

  @Test
  void everyTextIsSentAsItIs() throws Exception {
    List<String> texts =
        List.of(
            "plain",
            " \"quoted\" 'single' `id` $(id) $HOME \\ \\n %s & ",
            "-first\nsecond\r\n\tthird\u000b\u0001\u001f\u007f",
            "\u00fc \u4e2d\u6587 \uD83D\uDD25 \u202e",
            "--end",
            "x".repeat(500));
    for (String text : texts) {
      plugin.run("kill", "team", "--reason", text).orThrow();

      Asked request = asked.getLast();
      assertThat(request.method()).isEqualTo("POST");
      assertThat(request.path()).isEqualTo("/v1/workspaces/team/kill-switch");
      assertThat(JSON.readTree(request.body()))
          .isEqualTo(JSON.createObjectNode().put("active", true).put("reason", text));
    }
  }

  @Test
  void withoutTlsTheCredentialIsAPasswordAndNothingOfTheUsersIsSent() throws Exception {
    plugin.run("status", "team").orThrow();

    String basic =
        "Basic "
            + Base64.getEncoder().encodeToString(("token:" + KEY).getBytes(StandardCharsets.UTF_8));
    assertThat(asked)
        .hasSize(2)
        .allSatisfy(request -> {
          assertThat(request.header("Authorization")).contains(basic);
          // What a server would take for a wrong parameter of a list.
          assertThat(request.path()).doesNotContain("timeout");
        });
    assertThat(plugin.calledWith())
        .isNotEmpty()
        .noneSatisfy(call -> assertThat(call).contains(KEY));
    assertThat(plugin.hasLeftSomething()).isFalse();
  }

  @Test
  void byHttpsTheCredentialIsATokenAndTheUsersCertificateStaysAtHome() throws Exception {
    ServingAuthority authority = ServingAuthority.create(directory);
    Path trusted = Files.writeString(directory.resolve("api.crt"), authority.certificate());
    Path certificate = directory.resolve("user.crt");
    Path key = directory.resolve("user.key");
    ServingAuthority.create(Files.createDirectories(directory.resolve("users")))
        .issueToUser("jane", "on-call", certificate, key);
    HttpsServer https = HttpsServer.create(address(), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(authority.servingContext()));
    serve(https);
    try {
      plugin
          .as(certificate, key, "https://127.0.0.1:1", trusted)
          .with(
              "WORKSPACE_API_URL", "https://localhost:%d/".formatted(https.getAddress().getPort()));

      CommandResult untrusted = plugin.run("status", "team");
      assertThat(untrusted.exitCode()).isEqualTo(1);
      assertThat(untrusted.stderr()).contains("certificate", "did not answer as it should");
      assertThat(asked).isEmpty();

      plugin.with("WORKSPACE_API_CA", trusted.toString()).run("status", "team").orThrow();
      assertThat(asked)
          .hasSize(2)
          .allSatisfy(
              request -> assertThat(request.header("Authorization")).contains("Bearer " + KEY));
    } finally {
      https.stop(0);
    }
    assertThat(plugin.calledWith())
        .filteredOn(call -> call.contains(" --raw "))
        .hasSize(3)
        .allSatisfy(call -> assertThat(call).startsWith("--kubeconfig " + plugin.temporary()));
  }

  @Test
  void theCredentialComesFromAFileToo() throws Exception {
    Path file = Files.writeString(directory.resolve("key"), "wsk_of-the-file");

    plugin.run("kill", "team", "--reason", "x", "--token-file", file.toString()).orThrow();

    assertThat(
            new String(
                Base64.getDecoder()
                    .decode(asked.getFirst().header("Authorization").orElseThrow().substring(6)),
                StandardCharsets.UTF_8))
        .isEqualTo("token:wsk_of-the-file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://workspaces.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "ftp://127.0.0.1",
        "https://a b",
        "https://x\"y"
      })
  void anAddressThatWouldTellTheCredentialToOthersIsRefused(String url) throws Exception {
    CommandResult refused = plugin.with("WORKSPACE_API_URL", url).run("status");

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.stderr())
        .startsWith("error: WORKSPACE_API_URL ")
        .contains(url.matches("http:[a-z0-9./]+") ? "in the clear" : "is no address");
    assertThat(plugin.calledWith()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "stop team                                              | There is no command \"stop\"",
        "kill                                                   | Which workspace?",
        "kill team                                              | Say why, with --reason",
        "kill team --reason                                     | --reason needs a value",
        "kill team other --reason x                             | One workspace at a time",
        "kill ../platform --reason x                            | is no slug and no id",
        "kill team/../.. --reason x                             | is no slug and no id",
        "status --reason x                                      | does not know the option --reason",
        "status -o yaml                                         | knows json alone",
        "top --limit 501                                        | from 1 to 500",
        "top --limit 0                                          | from 1 to 500",
        "override team --daily-budget 1e3 --for 1h --reason x   | US dollars",
        "override team --daily-budget 01 --for 1h --reason x    | US dollars",
        "override team --daily-budget 1,null --for 1h --reason x | US dollars",
        "override team --max-runs 1.5 --for 1h --reason x       | whole number",
        "override team --daily-budget 1 --reason x              | for how long",
        "override team --daily-budget 1 --for 1h                | Say why",
        "override team --daily-budget 1 --for 25h --reason x    | at most 24 hours",
        "override team --daily-budget 1 --for h --reason x      | at most 24 hours",
        "override team --daily-budget 1 --max-runs 1 --for 1h --reason x | one at a time",
        "override team --for 1h                                 | what is overridden",
        "override team --end 1/2                                | no id of an override",
        "override team --end 1 --reason x                       | stands alone",
      })
  void whoUsesItWronglyIsToldHow(String arguments, String told) throws Exception {
    CommandResult refused = plugin.run(arguments.split(" ", -1));

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.stderr()).startsWith("error: ").contains(told, "--help");
    assertThat(asked).isEmpty();
  }

  @Test
  void everyCommandTellsHowItIsUsed() throws Exception {
    for (String command :
        List.of("", "status ", "top ", "kill ", "release ", "override ", "audit ")) {
      CommandResult help = plugin.run((command + "--help").split(" ", -1));

      assertThat(help.exitCode()).as(command).isZero();
      assertThat(help.stdout())
          .contains("kubectl workspace " + command, "--kubeconfig", "WORKSPACE_API_KEY");
    }
    CommandResult nothing = plugin.run();
    assertThat(nothing.exitCode()).isEqualTo(2);
    assertThat(nothing.stderr()).contains("kubectl workspace kill");
  }

  @Test
  void whatIsNoAnswerOfTheApiIsSaidToBeNone() throws Exception {
    CommandResult html = plugin.run("status", "html");
    CommandResult other = plugin.run("release", "other");
    CommandResult gateway = plugin.run("status", "gateway");

    assertThat(html.exitCode()).isEqualTo(1);
    assertThat(html.stderr()).contains("is not what the REST API answers");
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.stdout()).isEmpty();
    assertThat(other.stderr()).contains("is not what the REST API answers");
    assertThat(gateway.exitCode()).isEqualTo(1);
    assertThat(gateway.stderr()).contains("did not answer as it should", "status and audit tell");
    assertThat(withoutControls(gateway.stderr())).isEqualTo(gateway.stderr());
    assertThat(gateway.stderr()).contains("Error from server").doesNotContain(KEY, "curl");
    int port = server.getAddress().getPort();
    server.stop(0);
    assertThat(plugin.run("status", "team").stderr())
        .contains("127.0.0.1:" + port, "refused")
        .doesNotContain(KEY);
  }

  @Test
  void theUsersContextIsPassedOn() throws Exception {
    Path kubeconfig = Files.writeString(directory.resolve("other"), "");
    plugin.with("WORKSPACE_API_KEY", "");

    CommandResult refused =
        plugin.run(
            "status",
            "-n",
            "elsewhere",
            "--context=east",
            "--kubeconfig",
            kubeconfig.toString(),
            "--account=ops",
            "--audience=them");

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(plugin.calledWith().getLast())
        .isEqualTo(
            "--namespace elsewhere --kubeconfig %s --context east create token ops --audience them --duration 10m"
                .formatted(kubeconfig));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void whoeverEndsItLeavesNothingBehind(String signal) throws Exception {
    plugin.with("WORKSPACE_API_URL", "").forwardedTo(server.getAddress().getPort());
    Process process = plugin.process("status", "hang").start();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> asked.stream().anyMatch(request -> request.path().contains("hang")));
    assertThat(plugin.hasLeftSomething()).isTrue();

    // As a terminal does, but for the way through the cluster, which is behind.
    List<ProcessHandle> inFront =
        process
            .toHandle()
            .children()
            .filter(child -> child.info().commandLine().orElse("").contains("--raw"))
            .toList();
    assertThat(inFront).hasSize(1);
    kill(signal, process.pid());
    kill(signal, inFront.getFirst().pid());

    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isNotZero();
    await().atMost(Duration.ofSeconds(5)).until(() -> !plugin.hasLeftSomething());
  }

  /** In none of them a letter may be more than its bytes, nor a range of bytes something else. */
  @Test
  void everyAwkAndShellOfThisMachineSaysTheSame() throws Exception {
    Map<String, String> awks =
        Map.of(
            "mawk", "exec mawk \"$@\"",
            "gawk", "exec gawk --posix \"$@\"",
            "busybox", "exec busybox awk \"$@\"",
            "original-awk", "exec original-awk \"$@\"");
    int tried = 0;
    for (Map.Entry<String, String> awk : awks.entrySet()) {
      if (isThere(awk.getKey())) {
        plugin.withProgram("awk", awk.getValue());
        assertThat(plugin.run("status", "team").orThrow()).as(awk.getKey()).isEqualTo(STATUS);
        assertThat(
                plugin
                    .run("override", "team", "--daily-budget=2", "--for=1h", "--reason=a\n\"b\"")
                    .orThrow())
            .as(awk.getKey())
            .contains("is 2.00 until");
        JsonNode body = JSON.readTree(asked.getLast().body());
        assertThat(body.path("reason").asText()).as(awk.getKey()).isEqualTo("a\n\"b\"");
        assertThat(body.path("expires_at").asText())
            .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
        tried++;
      }
    }
    for (List<String> shell :
        List.of(List.of("dash"), List.of("bash", "--posix"), List.of("busybox", "sh"))) {
      if (isThere(shell.getFirst())) {
        assertThat(plugin.runBy(shell, "status", "team").orThrow())
            .as(shell.toString())
            .isEqualTo(STATUS);
        tried++;
      }
    }
    assertThat(tried).isPositive();
  }

  @Test
  void theArchiveForKrewHasTheScriptAndTheManifestKnowsIt() throws Exception {
    Path made = directory.resolve("krew");
    plugin
        .runScript(
            "'%s' 0.1.0 https://example.com https://example.com/v0.1.0 '%s' && cd '%s' && tar -xzf kubectl-workspace.tar.gz"
                .formatted(KubectlPlugin.SCRIPT.resolveSibling("package"), made, made))
        .orThrow();

    String manifest = Files.readString(made.resolve("workspace.yaml"));
    JsonNode spec = new YAMLMapper().readTree(manifest).path("spec");
    JsonNode platform = spec.path("platforms").path(0);
    byte[] archive = Files.readAllBytes(made.resolve("kubectl-workspace.tar.gz"));
    assertThat(manifest).doesNotContainPattern("\\b(VERSION|HOMEPAGE|URI|SHA256)\\b");
    assertThat(spec.path("version").asText()).isEqualTo("v0.1.0");
    assertThat(spec.path("shortDescription").asText()).hasSizeLessThan(50);
    assertThat(platform.path("uri").asText())
        .isEqualTo("https://example.com/v0.1.0/kubectl-workspace.tar.gz");
    assertThat(platform.path("sha256").asText())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(archive)));
    for (JsonNode file : platform.path("files")) {
      assertThat(made.resolve(file.path("from").asText())).exists();
    }
    assertThat(made.resolve(platform.path("bin").asText()))
        .isExecutable()
        .hasSameBinaryContentAs(KubectlPlugin.SCRIPT);
  }

  @Test
  void shellcheckFindsNothing() throws Exception {
    assumeTrue(isThere("shellcheck"), "shellcheck is not on this machine");

    CommandResult found =
        plugin.runScript(
            "shellcheck -s sh '%s' '%s'"
                .formatted(KubectlPlugin.SCRIPT, KubectlPlugin.SCRIPT.resolveSibling("package")));

    assertThat(found.exitCode()).as(found.stdout()).isZero();
  }

  private boolean isThere(String program) throws InterruptedException {
    boolean there = plugin.runScript("command -v " + program).exitCode() == 0;
    if (!there) {
      System.err.printf(
          "NOT TRIED: %s is not on this machine (Debian: apt-get install %s).%n", program, program);
    }
    return there;
  }

  private static void kill(String signal, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor())
        .isZero();
  }

  /** What a terminal may get. */
  private static String withoutControls(String text) {
    return text.codePoints()
        .filter(point ->
            point == '\n'
                || !(Character.isISOControl(point) || Character.getType(point) == Character.FORMAT))
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private static InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private <S extends HttpServer> S serve(S started) {
    started.setExecutor(threads);
    started.createContext("/", this::answer);
    started.start();
    return started;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(
        new Asked(
            exchange.getRequestMethod(), path, Map.copyOf(exchange.getRequestHeaders()), body));
    if (path.contains("/hang/")) {
      hang();
    } else if (path.contains("/html/")) {
      send(exchange, 200, "text/html", "<html>\u001b[2J</html>");
    } else if (path.contains("/gateway/")) {
      send(exchange, 502, "text/html", "<html>\u001b[2J</html>");
    } else if (path.contains("/other/")) {
      send(exchange, 200, "application/json", "{}");
    } else if (path.endsWith("/settings")) {
      send(exchange, 200, "application/json", SETTINGS);
    } else if (path.contains("/usage")) {
      send(exchange, 200, "application/json", USAGE);
    } else if (path.contains("/audit")) {
      send(exchange, 422, "application/problem+json", problem());
    } else if (path.endsWith("/overrides")) {
      send(
          exchange,
          201,
          "application/json",
          "{\"id\":\"1\",\"field\":\"daily_budget_usd\",\"value\":2,\"expires_at\":\"2026-11-24T12:00:00Z\"}");
    } else {
      send(exchange, 200, "application/json", "{\"slug\":\"team\",\"kill_switch\":true}");
    }
  }

  private static String problem() {
    return """
    {"type":"https://workspace-operator.dev/problems/validation-failed","title":"No","status":422,"code":"VALIDATION_FAILED",\
    "detail":"%s","instance":"/v1","request_id":"r-1","errors":[{"pointer":"#/limit","detail":"too many"}]}\
    """
        .formatted(HOSTILE);
  }

  private static void hang() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    try (exchange) {
      exchange.getResponseBody().write(bytes);
    }
  }
}
