package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests for runs and steps that are wrong: nothing starts, and every mistake is told. */
class RunsBadInputHttpIT {
  private static final String RUNS = "/v1/runs";

  @Served private static ApiServer server;
  private static UUID workspaceId;
  private static ApiClient caller;
  private static String run;

  @BeforeAll
  static void start() {
    workspaceId = server.workspace(Plan.SCALE).id();
    caller = ApiClient.with(server.port(), server.keyWithAllScopes(workspaceId));
    run = caller.post(RUNS, "{\"user_id\":\"alice\",\"lease_seconds\":3600}").header("Location");
  }

  private static String labels(int count) {
    return IntStream.range(0, count)
        .mapToObj("\"l%d\":\"x\""::formatted)
        .reduce((one, other) -> one + "," + other)
        .orElse("");
  }

  static Stream<Arguments> bodies() {
    return Stream.of(
        Arguments.of(RUNS, "{}", List.of("#/user_id")),
        Arguments.of(RUNS, "{\"user_id\":null}", List.of("#/user_id")),
        Arguments.of(RUNS, "{\"user_id\":\"\"}", List.of("#/user_id")),
        Arguments.of(RUNS, "{\"user_id\":7}", List.of("#/user_id")),
        Arguments.of(RUNS, "{\"user_id\":\"%s\"}".formatted("x".repeat(257)), List.of("#/user_id")),
        Arguments.of(RUNS, "{\"user_id\":\"a\\tb\"}", List.of("#/user_id")),
        Arguments.of(RUNS, "{\"user_id\":\"a\",\"lease_seconds\":4}", List.of("#/lease_seconds")),
        Arguments.of(
            RUNS, "{\"user_id\":\"a\",\"lease_seconds\":3601}", List.of("#/lease_seconds")),
        Arguments.of(
            RUNS, "{\"user_id\":\"a\",\"lease_seconds\":\"30\"}", List.of("#/lease_seconds")),
        Arguments.of(RUNS, "{\"user_id\":\"a\",\"max_cost_usd\":-0.01}", List.of("#/max_cost_usd")),
        Arguments.of(
            RUNS, "{\"user_id\":\"a\",\"max_cost_usd\":1000001}", List.of("#/max_cost_usd")),
        Arguments.of(
            RUNS, "{\"user_id\":\"a\",\"max_cost_usd\":0.0000001}", List.of("#/max_cost_usd")),
        Arguments.of(RUNS, "{\"user_id\":\"a\",\"labels\":[]}", List.of("#/labels")),
        Arguments.of(
            RUNS, "{\"user_id\":\"a\",\"labels\":{%s}}".formatted(labels(9)), List.of("#/labels")),
        Arguments.of(
            RUNS,
            "{\"user_id\":\"a\",\"labels\":{\"k\":1,\"\":\"x\"}}",
            List.of("#/labels/k", "#/labels/")),
        Arguments.of(
            RUNS,
            "{\"user_id\":\"a\",\"labels\":{\"k\":\"%s\"}}".formatted("x".repeat(257)),
            List.of("#/labels/k")),
        Arguments.of(
            RUNS,
            "{\"user\":\"a\",\"lease_seconds\":0,\"max_cost_usd\":\"1\"}",
            List.of("#/user", "#/user_id", "#/lease_seconds", "#/max_cost_usd")),
        Arguments.of("/steps", "{\"max_cost_usd\":true}", List.of("#/max_cost_usd")),
        Arguments.of("/steps", "{\"name\":\"%s\"}".formatted("x".repeat(201)), List.of("#/name")),
        Arguments.of("/steps", "{\"cost_usd\":1}", List.of("#/cost_usd")),
        Arguments.of("/heartbeat", "{\"lease_seconds\":9}", List.of("#/lease_seconds")),
        Arguments.of("/finish", "{}", List.of("#/outcome")),
        Arguments.of("/finish", "{\"outcome\":\"expired\"}", List.of("#/outcome")),
        Arguments.of("/finish", "{\"outcome\":1}", List.of("#/outcome")),
        Arguments.of("/cancel", "{}", List.of("#/reason")),
        Arguments.of(
            "/cancel", "{\"reason\":\"%s\"}".formatted("x".repeat(501)), List.of("#/reason")));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void everyMistakeIsToldAtOnce(String path, String body, List<String> pointers) {
    String before = caller.get(run).body();

    ApiResponse refused = caller.post(path.startsWith("/v1") ? path : run + path, body);

    assertThat(refused.code()).as(refused.body()).isEqualTo("VALIDATION_FAILED");
    assertThat(refused.pointers()).containsExactlyInAnyOrderElementsOf(pointers);
    assertThat(caller.get(run).body()).isEqualTo(before);
    assertThat(caller.get("/v1/usage").json().path("active_runs").asInt()).isEqualTo(1);
  }

  @Test
  void theLongestValuesAreTaken() {
    String label = "\"%s\":\"%s\"".formatted("k".repeat(63), "\uD83D\uDE80".repeat(256));
    ApiResponse started =
        caller.post(
            RUNS,
            "{\"user_id\":\"%s\",\"lease_seconds\":3600,\"max_cost_usd\":1000000,\"labels\":{%s,%s}}"
                .formatted("\uD83D\uDE80".repeat(256), label, labels(7)));
    String path = started.header("Location");

    ApiResponse admitted =
        caller.post(
            path + "/steps",
            "{\"max_cost_usd\":1000000,\"name\":\"%s\"}".formatted("é".repeat(200)));
    caller.post(path + "/finish", "{\"outcome\":\"cancelled\"}");

    assertThat(started.status()).as(started.body()).isEqualTo(201);
    assertThat(admitted.status()).as(admitted.body()).isEqualTo(201);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/runs?status=done",
    "/v1/runs?limit=0",
    "/v1/runs?cursor=nonsense",
    "/v1/runs?status=running&status=failed",
    "/v1/usage?day=yesterday",
    "/v1/usage?day=2026-02-30",
    "/v1/usage?day=%2B12026-01-01",
    "/v1/usage?cursor=nonsense",
  })
  void aWrongQueryIsABadRequest(String path) {
    assertThat(caller.get(path).code()).isEqualTo("BAD_REQUEST");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/runs, WORKSPACE_READ, 200",
    "GET, /v1/runs, RUNS_WRITE, 200",
    "GET, /v1/runs, KEYS_WRITE, 403",
    "GET, /v1/usage, RUNS_WRITE, 403",
    "POST, /v1/runs, WORKSPACE_READ, 403",
    "POST, /steps, WORKSPACE_READ, 403",
    "POST, /heartbeat, WORKSPACE_WRITE, 403",
    "POST, /finish, WORKSPACE_WRITE, 403",
    "POST, /cancel, RUNS_WRITE, 403",
  })
  void eachRouteNeedsItsScope(String method, String path, Scope scope, int status) {
    ApiClient one = ApiClient.with(server.port(), server.key(workspaceId, scope));

    ApiResponse answer = one.send(method, path.startsWith("/v1") ? path : run + path);

    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.code()).isEqualTo(status == 403 ? "INSUFFICIENT_SCOPE" : "");
  }

  @Test
  void anIdempotencyKeyThatIsNoneIsABadRequest() {
    assertThat(
            caller.withHeader("Idempotency-Key", "x".repeat(256)).post(run + "/steps", "{}").code())
        .isEqualTo("BAD_REQUEST");
  }
}
