package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Well-formed HTTP with something wrong in it: the right code, in the right order of checks. */
class BadInputHttpIT {
  private static final String PATH = "/v1/workspace/";

  @Served private static ApiServer server;
  private static String key;
  private static ApiClient caller;

  @BeforeAll
  static void start() {
    key = server.keyWithAllScopes(server.workspace(Plan.SCALE).id());
    caller = ApiClient.with(server.port(), key);
  }

  static Stream<Arguments> bodies() {
    return Stream.of(
        Arguments.of("", 400, "MALFORMED_JSON"),
        Arguments.of("{", 400, "MALFORMED_JSON"),
        Arguments.of("{'name':'x'}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"name\":\"x\",}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"name\":\"x\"} {}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"name\":\"x\"}]", 400, "MALFORMED_JSON"),
        Arguments.of("{\"name\":\"x\",\"name\":\"x\"}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"name\":\"x\",\"n\\u0061me\":\"x\"}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"daily_budget_usd\":NaN}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"daily_budget_usd\":Infinity}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"daily_budget_usd\":01}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"daily_budget_usd\":+1}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"daily_budget_usd\":.5}", 400, "MALFORMED_JSON"),
        Arguments.of("{\"daily_budget_usd\":0x10}", 400, "MALFORMED_JSON"),
        Arguments.of("\uFEFF{}", 400, "MALFORMED_JSON"),
        Arguments.of("// a comment\n{}", 400, "MALFORMED_JSON"),
        Arguments.of("[".repeat(30_000) + "]".repeat(30_000), 400, "MALFORMED_JSON"),
        Arguments.of("{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000), 400, "MALFORMED_JSON"),
        Arguments.of("[]", 422, "VALIDATION_FAILED"),
        Arguments.of("null", 422, "VALIDATION_FAILED"),
        Arguments.of("1", 422, "VALIDATION_FAILED"),
        Arguments.of("\"x\"", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":\"200\"}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":true}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":[1]}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":1e400}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":1e-400}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":1e999999999}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":1e-99999999999}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":0.0000001}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":-1}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":10000000000}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":1000000000.000001}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"daily_budget_usd\":" + "9".repeat(900) + "}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"max_concurrent_runs\":1.5}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"max_concurrent_runs\":-1}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"max_concurrent_runs\":1000001}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"max_concurrent_runs\":4294967297}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"name\":\"\"}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"name\":\"%s\"}".formatted("x".repeat(121)), 422, "VALIDATION_FAILED"),
        Arguments.of("{\"name\":\"a\\u0000b\"}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"name\":\"a\\nb\"}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"name\":\"\\ud800\"}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"name\":\"\\udc00\\ud800\"}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"\\u0000\":1}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"spec\":{}}", 422, "VALIDATION_FAILED"),
        Arguments.of("{\"name\":\"%s\"}".formatted("x".repeat(70_000)), 413, "PAYLOAD_TOO_LARGE"));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void ofPatchIsRefused(String body, int status, String code) {
    String before = caller.get(PATH).body();

    ApiResponse reply = caller.patch(PATH, body);

    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.json().path("detail").asText()).isNotBlank();
    assertThat(caller.get(PATH).body()).isEqualTo(before);
  }

  @Test
  void textThatIsNotUtf8IsMalformed() throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      byte[] body = {'{', '"', 'a', '"', ':', '"', (byte) 0xC3, '"', '}'};
      connection.send(
          "PATCH /v1/workspace/ HTTP/1.1\nHost: a\nContent-Type: application/json\nX-API-Key: %s\nContent-Length: %d\n\n"
              .formatted(key, body.length));

      assertThat(connection.sendBytes(body).readAnswer())
          .startsWith("HTTP/1.1 400 ")
          .contains("MALFORMED_JSON");
    }
  }

  static Stream<Arguments> contentTypes() {
    return Stream.of(
        Arguments.of("application/json", 200),
        Arguments.of("application/json; charset=utf-8", 200),
        Arguments.of("APPLICATION/MERGE-PATCH+JSON;charset=\"UTF-8\"", 200),
        Arguments.of("application/json; charset=utf-16", 415),
        Arguments.of("text/plain", 415),
        Arguments.of("application/json-patch+json", 415),
        Arguments.of("application/x-www-form-urlencoded", 415),
        Arguments.of("nonsense", 415));
  }

  @ParameterizedTest
  @MethodSource("contentTypes")
  void onlyJsonIsTaken(String contentType, int status) {
    ApiResponse reply = caller.withHeader("Content-Type", contentType).send("PATCH", PATH, "{}");

    assertThat(reply.status()).isEqualTo(status);
  }

  @Test
  void aBodyWithoutATypeIsTakenWhereItCanBeOneOnly() {
    assertThat(caller.send("PATCH", PATH, "{}").code()).isEqualTo("UNSUPPORTED_MEDIA_TYPE");
    assertThat(caller.send("POST", PATH + "kill-switch", "{\"active\":false}").status())
        .isEqualTo(200);
    assertThat(caller.send("POST", PATH + "kill-switch", "active").code())
        .isEqualTo("MALFORMED_JSON");
  }

  @ParameterizedTest
  @CsvSource({"cross-site,415", "same-site,415", "same-origin,200", "none,200"})
  void aPageOfAnotherOriginHasToSayTheType(String site, int status) {
    ApiResponse reply =
        caller
            .withHeader("Sec-Fetch-Site", site)
            .send("POST", PATH + "kill-switch", "{\"active\":false}");

    assertThat(reply.status()).isEqualTo(status);
  }

  static Stream<Arguments> accepts() {
    return Stream.of(
        Arguments.of("*/*", 200),
        Arguments.of("application/*", 200),
        Arguments.of("text/html, application/json;q=0.5", 200),
        Arguments.of("application/json;q=0", 406),
        Arguments.of("*/*, application/json;q=0.0", 406),
        Arguments.of("text/html", 406));
  }

  @ParameterizedTest
  @MethodSource("accepts")
  void theAnswerIsJsonOrNothing(String accept, int status) {
    ApiResponse reply = caller.withHeader("Accept", accept).get(PATH);

    assertThat(reply.status()).isEqualTo(status);
  }

  @Test
  void aPathWithoutTheMethodSaysWhichItHas() {
    ApiResponse put = caller.send("PUT", PATH, "{}");
    ApiResponse delete = caller.delete("/v1/audit");
    ApiResponse options = caller.send("OPTIONS", PATH);

    assertThat(put.status()).isEqualTo(405);
    assertThat(put.code()).isEqualTo("METHOD_NOT_ALLOWED");
    assertThat(put.header("Allow")).isEqualTo("GET, HEAD, PATCH, OPTIONS");
    assertThat(delete.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.header("Allow")).isEqualTo("GET, HEAD, PATCH, OPTIONS");
  }

  @Test
  void aPathThatDoesNotExistIsNotFoundWithAndWithoutACredential() {
    for (ApiClient one : List.of(caller, ApiClient.anonymous(server.port()))) {
      ApiResponse reply = one.get("/v1/nothing?x=%3Cscript%3E");

      assertThat(reply.status()).isEqualTo(404);
      assertThat(reply.json().path("instance").asText()).isEqualTo("/v1/nothing");
    }
  }

  @Test
  void theCredentialIsJudgedFirstAndThenItsScope() {
    String onlyRead = server.key(server.workspace(Plan.PRO).id(), Scope.WORKSPACE_READ);

    assertThat(ApiClient.anonymous(server.port()).patch(PATH, "{").status()).isEqualTo(401);
    assertThat(ApiClient.with(server.port(), onlyRead).patch(PATH, "{").code())
        .isEqualTo("INSUFFICIENT_SCOPE");
    assertThat(caller.withHeader("Authorization", "Bearer " + onlyRead).get(PATH).code())
        .isEqualTo("BAD_REQUEST");
  }

  @Test
  void aCallerWithoutACredentialIsToldWhichIsNeeded() {
    ApiResponse reply = ApiClient.anonymous(server.port()).get(PATH);

    assertThat(reply.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"workspace-operator\"");
    assertThat(reply.json().path("detail").asText()).contains("X-API-Key");
  }

  @Test
  void aFitRequestIdIsKeptAndAnyOtherReplaced() {
    assertThat(caller.withHeader("X-Request-Id", "a:b/1").get(PATH).header("X-Request-Id"))
        .isEqualTo("a:b/1");
    assertThat(caller.withHeader("X-Request-Id", "a b").get(PATH).header("X-Request-Id"))
        .matches("[0-9a-f]{16}");
    assertThat(caller.withHeader("X-Request-Id", "x".repeat(129)).get(PATH).header("X-Request-Id"))
        .matches("[0-9a-f]{16}");
  }

  @Test
  void anUnfitIdempotencyKeyIsRefused() {
    ApiResponse reply =
        caller
            .withHeader("Idempotency-Key", "k".repeat(256))
            .post("/v1/api-keys", "{\"name\":\"n\",\"scopes\":[\"runs:write\"]}");

    assertThat(reply.status()).isEqualTo(400);
  }

  @Test
  void whatIsCountedAndLoggedNeverNamesTheCredential() {
    caller.get(PATH);

    assertThat(server.scrape())
        .contains("workspace_operator_http_requests_seconds_count{")
        .contains("route=\"/v1/workspace\"")
        .doesNotContain(key);
  }
}
