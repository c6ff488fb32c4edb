package dev.workspaceoperator.app;

import static dev.workspaceoperator.app.GatewaySite.CENT;
import static dev.workspaceoperator.app.GatewaySite.CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.Envoy;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.Gateways;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Through a real Envoy, as examples/envoy configures it, to a model that has only words. */
class EnvoyIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration SDK_BOUND = Duration.ofSeconds(60);
  private static final String WORDS = "There is no model here, only its words.";

  private static final String PRICES =
      """
      {
        "mock": {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-5, "max_output_tokens": 100},
        "cent": {"input_cost_per_token": 0, "output_cost_per_token": 0.00125, "max_output_tokens": 8},
        "endless": {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-5},
        "dear": {"input_cost_per_token": 0, "output_cost_per_token": 0.00125, "max_output_tokens": 80},
        "fail-429": {"input_cost_per_token": 0, "output_cost_per_token": 0.00125, "max_output_tokens": 8},
        "fail-500": {"input_cost_per_token": 0, "output_cost_per_token": 0.00125, "max_output_tokens": 8}
      }
      """;

  @TempDir private static Path directory;
  private static Gateways gateways;
  private static ApiServer server;
  private static RunModel model;
  private static ExtAuthzReplica extAuthz;
  private static Envoy envoy;
  private static URI door;

  @BeforeAll
  static void start() throws InterruptedException, IOException {
    Optional<Gateways> found =
        Gateways.find(why -> System.err.println("SKIPPED, NO ENVOY: " + why));
    assumeTrue(found.isPresent(), "no Envoy");
    gateways = found.get();
    server = ApiServer.start();
    model = RunModel.start(0);
    Path prices = Files.writeString(directory.resolve("prices.json"), PRICES);
    extAuthz = ExtAuthzReplica.start(server.databaseUrl(), prices);
    int port = FreePort.find();
    envoy = envoy("envoy", port, extAuthz.port(), model.port());
    door = URI.create("http://127.0.0.1:" + port);
  }

  private static Envoy envoy(String name, int port, int extAuthzPort, int modelPort)
      throws IOException, InterruptedException {
    return new EnvoyExample(port, extAuthzPort, modelPort).start(gateways, directory.resolve(name));
  }

  @AfterAll
  static void stop() {
    Stream.<AutoCloseable>of(envoy, extAuthz, model, server)
        .filter(part -> part != null)
        .forEach(part -> {
          try {
            part.close();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  private static GatewaySite withBudget(String usd) {
    return GatewaySite.make(server, door, usd);
  }

  private static JsonNode sdk(GatewaySite site, String which, String how, String modelName)
      throws IOException, InterruptedException {
    ProcessBuilder script =
        new ProcessBuilder(
            gateways.python().toString(), "src/test/gateways/sdk.py", which, how, modelName);
    Map<String, String> environment = script.environment();
    environment.put("OPENAI_BASE_URL", door + "/v1");
    environment.put("OPENAI_API_KEY", site.key());
    environment.put("ANTHROPIC_BASE_URL", door.toString());
    environment.put("ANTHROPIC_API_KEY", site.key());
    CommandResult result = CommandResult.of(script, "", SDK_BOUND);
    assertThat(result.stderr()).isEmpty();
    return JSON.readTree(result.stdout());
  }

  @ParameterizedTest
  @CsvSource({"openai,whole", "openai,stream", "anthropic,whole", "anthropic,stream"})
  void anSdkNeedsABaseUrlAndAKeyAndPaysWhatTheModelCounted(String which, String how)
      throws IOException, InterruptedException {
    GatewaySite site = withBudget("1");

    JsonNode answer = sdk(site, which, how, "mock");

    assertThat(answer.path("text").asText()).as(answer.toString()).isEqualTo(WORDS);
    String spent = site.spentAtRest();
    // 8 tokens out at 10 micro-dollars; those that went in are a quarter of the body's bytes.
    assertThat(Double.parseDouble(spent)).isBetween(0.000_100, 0.000_200);
    assertThat(site.lastRun().path("status").asText()).isEqualTo("succeeded");
    assertThat(site.lastRun().path("user_id").asText()).isEqualTo("test");
    assertThat(model.lastHeaders().toString()).doesNotContain(site.key());
  }

  @ParameterizedTest
  @CsvSource({"openai", "anthropic"})
  void anSdksExceptionShowsWhatOnCallTyped(String which) throws IOException, InterruptedException {
    GatewaySite site = withBudget("1");
    site.api()
        .post("/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"loop in billing\"}");
    int asked = model.asked();

    JsonNode refused = sdk(site, which, "whole", "mock");

    assertThat(refused.path("status").asInt()).isEqualTo(403);
    assertThat(refused.path("message").asText())
        .contains("KILL_SWITCH_ACTIVE")
        .contains("loop in billing");
    assertThat(model.asked()).isEqualTo(asked);
  }

  @Test
  void aRefusalHasTheStatusTheCodeAndWhenToTryAgain() throws IOException, InterruptedException {
    GatewaySite site = withBudget("0.005");

    HttpResponse<String> refused = site.ask(CENT);
    JsonNode error = JSON.readTree(refused.body()).path("error");

    assertThat(refused.statusCode()).isEqualTo(402);
    assertThat(error.path("code").asText()).isEqualTo("DAILY_BUDGET_EXCEEDED");
    assertThat(error.path("type").asText()).isEqualTo("insufficient_quota");
    assertThat(error.path("message").asText()).contains("0.005");
    assertThat(error.has("param")).isTrue();
    assertThat(refused.headers().firstValue("content-type")).hasValue("application/json");
  }

  @Test
  void withoutAGoodKeyNothingPasses() throws IOException, InterruptedException {
    int asked = model.asked();
    HttpRequest.Builder anonymous =
        HttpRequest.newBuilder(door.resolve("/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(CENT));

    HttpResponse<String> none =
        CLIENT.send(anonymous.build(), HttpResponse.BodyHandlers.ofString());
    HttpResponse<String> wrong =
        CLIENT.send(
            anonymous.header("x-api-key", "wsk_" + "A".repeat(49)).build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(none.headers().firstValue("www-authenticate")).isPresent();
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(JSON.readTree(wrong.body()).path("error").path("code").asText())
        .isEqualTo("UNAUTHENTICATED");
    assertThat(model.asked()).isEqualTo(asked);
  }

  @Test
  void whatAClientTellsUsIsNotForTheProvider() throws IOException, InterruptedException {
    GatewaySite site = withBudget("1");

    HttpResponse<String> answer =
        CLIENT.send(
            site.request("/v1/chat/completions")
                .header("x-workspace-user", "ada")
                .header("x-workspace-max-cost-usd", "0.5")
                .header("x-workspace-anything", "a secret")
                .POST(HttpRequest.BodyPublishers.ofString(CENT))
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(model.lastHeaders().keySet())
        .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("x-workspace"))
        .doesNotContain("Authorization");
    site.spentAtRest();
    JsonNode run = site.lastRun();
    assertThat(run.path("user_id").asText()).isEqualTo("ada");
    assertThat(answer.headers().firstValue("x-workspace-call")).hasValue(run.path("id").asText());
    assertThat(answer.headers().map().toString()).doesNotContain("settle_token");
  }

  @Test
  void aRequestThatNamesARunIsAStepOfIt() throws IOException, InterruptedException {
    GatewaySite site = withBudget("1");
    String run =
        site.api()
            .post("/v1/runs", "{\"user_id\":\"ada\",\"lease_seconds\":60}")
            .json()
            .path("id")
            .asText();

    HttpResponse<String> answer =
        CLIENT.send(
            site.request("/v1/chat/completions")
                .header("x-workspace-run", run)
                .POST(HttpRequest.BodyPublishers.ofString(CENT))
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    await()
        .atMost(SOON)
        .until(() ->
            site.usage()
                    .path("spent_usd")
                    .decimalValue()
                    .compareTo(new java.math.BigDecimal("0.01"))
                == 0);
    assertThat(site.usage().path("active_runs").asInt()).isEqualTo(1);
    assertThat(site.api().get("/v1/runs").json().path("items")).hasSize(1);
  }

  static Stream<Arguments> bodies() {
    return Stream.of(
        Arguments.of("not JSON", "hello", 400, "MALFORMED_JSON"),
        Arguments.of("a list", "[]", 400, "MALFORMED_JSON"),
        Arguments.of(
            "a member twice", "{\"model\":\"mock\",\"model\":\"cent\"}", 400, "MALFORMED_JSON"),
        Arguments.of("no model", "{\"max_tokens\":5}", 422, "VALIDATION_FAILED"),
        Arguments.of("a model that has no price", "{\"model\":\"gpt\"}", 422, "VALIDATION_FAILED"),
        Arguments.of("a model without an end", "{\"model\":\"endless\"}", 422, "VALIDATION_FAILED"),
        Arguments.of("max_tokens 0", tokens("0"), 422, "VALIDATION_FAILED"),
        Arguments.of("max_tokens below 0", tokens("-5"), 422, "VALIDATION_FAILED"),
        Arguments.of("max_tokens a text", tokens("\"5\""), 422, "VALIDATION_FAILED"),
        Arguments.of("max_tokens a half", tokens("0.5"), 422, "VALIDATION_FAILED"),
        // As many as the model makes, not more: 8 tokens cost a cent, and the budget is five.
        Arguments.of("max_tokens huge", tokens("1e30"), 200, ""),
        Arguments.of("n 3", "{\"model\":\"cent\",\"n\":3}", 200, ""),
        Arguments.of(
            "a list of prompts",
            "{\"model\":\"cent\",\"prompt\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}",
            402,
            "DAILY_BUDGET_EXCEEDED"),
        Arguments.of("n 100", "{\"model\":\"cent\",\"n\":100}", 402, "DAILY_BUDGET_EXCEEDED"),
        Arguments.of(
            "more than Envoy shows",
            "{\"model\":\"cent\",\"pad\":\"" + "x".repeat(1_200_000) + "\"}",
            413,
            "PAYLOAD_TOO_LARGE"),
        Arguments.of(
            "10 MB",
            "{\"model\":\"cent\",\"pad\":\"" + "x".repeat(10_000_000) + "\"}",
            413,
            "PAYLOAD_TOO_LARGE"));
  }

  private static String tokens(String count) {
    return "{\"model\":\"cent\",\"max_tokens\":" + count + "}";
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bodies")
  void whatABodySaysOfItsCostIsReadOrRefused(String what, String body, int status, String code)
      throws IOException, InterruptedException {
    GatewaySite site = withBudget("0.05");
    int asked = model.asked();

    HttpResponse<String> answer = site.ask(body);

    assertThat(answer.statusCode()).as(what + ": " + answer.body()).isEqualTo(status);
    if (status != 200) {
      JsonNode error = JSON.readTree(answer.body()).path("error");
      assertThat(error.path("code").asText()).isEqualTo(code);
      assertThat(error.path("message").asText()).isNotEmpty();
      assertThat(model.asked()).isEqualTo(asked);
    }
    assertThat(site.spentAtRest()).isEqualTo(status == 200 ? "0.01" : "0");
  }

  @Test
  void anAnswerThatTheModelRefusedCostsNothingAndOneThatFailedAll()
      throws IOException, InterruptedException {
    GatewaySite refusing = withBudget("1");
    GatewaySite failing = withBudget("1");

    assertThat(refusing.ask(CENT.replace("cent", "fail-429")).statusCode()).isEqualTo(429);
    assertThat(failing.ask(CENT.replace("cent", "fail-500")).statusCode()).isEqualTo(500);

    assertThat(refusing.spentAtRest()).isEqualTo("0");
    assertThat(failing.spentAtRest()).isEqualTo("0.01");
    assertThat(failing.lastRun().path("status").asText()).isEqualTo("failed");
  }

  @Test
  void whoGoesAwayInTheMiddleOfAStreamPaysWhatWasReserved()
      throws IOException, InterruptedException {
    GatewaySite site = withBudget("1");
    HttpResponse<InputStream> stream =
        CLIENT.send(
            site.request("/v1/chat/completions")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"dear\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = stream.body()) {
      assertThat(body.read()).isPositive();
    }

    assertThat(site.spentAtRest()).isEqualTo("0.1");
    assertThat(site.lastRun().path("status").asText()).isEqualTo("cancelled");
  }

  @Test
  void oneRequestIdTwiceIsTwoCalls() throws IOException, InterruptedException {
    GatewaySite site = withBudget("1");
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> answer =
          CLIENT.send(
              site.request("/v1/chat/completions")
                  .header("x-request-id", "5b2f7a0e-7d0e-4f0e-9b57-6a4f2f0f6d11")
                  .POST(HttpRequest.BodyPublishers.ofString(CENT))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
    }
    assertThat(site.spentAtRest()).isEqualTo("0.02");
  }

  /** Of another Envoy's answer. */
  private static int statusAt(int port, GatewaySite site) throws IOException, InterruptedException {
    return CLIENT
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("Authorization", "Bearer " + site.key())
                .POST(HttpRequest.BodyPublishers.ofString(CENT))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void whatHasNoUpstreamCostsNothing() throws IOException, InterruptedException {
    GatewaySite site = withBudget("1");
    int port = FreePort.find();
    try (Envoy _ = envoy("no-upstream", port, extAuthz.port(), FreePort.find())) {
      assertThat(statusAt(port, site)).isEqualTo(503);
      assertThat(site.spentAtRest()).isEqualTo("0");
    }
  }

  @Test
  void whereNobodyAnswersEnvoyNothingPasses() throws IOException, InterruptedException {
    GatewaySite site = withBudget("1");
    int port = FreePort.find();
    int asked = model.asked();
    try (Envoy _ = envoy("alone", port, FreePort.find(), model.port())) {
      assertThat(statusAt(port, site)).isEqualTo(503);
      assertThat(model.asked()).isEqualTo(asked);
    }
  }

  @Test
  void twoHundredClientsSpendADollarInCentsToTheCent() throws InterruptedException {
    int rounds = Integer.getInteger("gateway.rounds", 2);
    for (int round = 0; round < rounds; round++) {
      GatewaySite site = withBudget("1");
      assertThat(site.api().patch("/v1/workspace/", "{\"max_concurrent_runs\":1000}").status())
          .isEqualTo(200);
      List<CompletableFuture<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        answers.add(
            CLIENT
                .sendAsync(
                    site.request("/v1/chat/completions")
                        .POST(HttpRequest.BodyPublishers.ofString(CENT))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .thenApply(HttpResponse::statusCode));
      }
      Map<Integer, Long> counts =
          answers.stream()
              .map(CompletableFuture::join)
              .collect(Collectors.groupingBy(it -> it, Collectors.counting()));

      assertThat(counts).isEqualTo(Map.of(200, 100L, 402, 100L));
      assertThat(site.spentAtRest()).isEqualTo("1");
    }
    assertThat(Main.run(Map.of(), "check", "--database-url=" + server.databaseUrl())).isZero();
  }

  @Test
  void afterAKillSwitchIsAnsweredNothingIsAdmitted() throws InterruptedException {
    GatewaySite site = withBudget("1000");
    assertThat(site.api().patch("/v1/workspace/", "{\"max_concurrent_runs\":1000}").status())
        .isEqualTo(200);
    // Not the pool that all share, which has no more threads than there are cores.
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Long>> admitted = new ArrayList<>();
      for (int client = 0; client < 16; client++) {
        admitted.add(CompletableFuture.supplyAsync(() -> lastAdmission(site), clients));
      }
      await().atMost(SOON).until(() -> site.usage().path("spent_usd").decimalValue().signum() > 0);
      site.api().post("/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"enough\"}");
      long answeredAt = System.nanoTime();

      long last = admitted.stream().mapToLong(CompletableFuture::join).max().orElseThrow();

      assertThat(last).isLessThan(answeredAt);
    }
  }

  /** Asks until it is refused; when the last question that was admitted was asked. */
  private static long lastAdmission(GatewaySite site) {
    long last = Long.MIN_VALUE;
    try {
      while (true) {
        long askedAt = System.nanoTime();
        int status = site.ask(CENT).statusCode();
        if (status == 403) {
          return last;
        }
        assertThat(status).isEqualTo(200);
        last = askedAt;
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
