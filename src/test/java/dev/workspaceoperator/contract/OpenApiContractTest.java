package dev.workspaceoperator.contract;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract finds every kind of drift between the server and its description. */
final class OpenApiContractTest {
  private static final String WORKSPACE =
      """
      {"id":"770e8400-e29b-41d4-a716-446655440000","name":"My Workspace","slug":"my-workspace",
       "kill_switch":false,"daily_budget_usd":100.0,"user_daily_budget_usd":null,
       "max_concurrent_runs":10}\
      """;

  private static final String NOT_FOUND =
      """
      {"type":"https://workspace-operator.dev/problems/not-found","title":"Not found","status":404,
       "detail":"There is no such path.","instance":"/v1/nowhere","code":"NOT_FOUND",
       "request_id":"r-1"}\
      """;

  private static final String DECLARED =
      """
      {"type":"https://workspace-operator.dev/problems/field-managed-declaratively",
       "title":"Field managed declaratively","status":409,"detail":"See the manifest.",
       "instance":"/v1/workspace/","code":"FIELD_MANAGED_DECLARATIVELY","request_id":"r-1",
       "field":"name","declared_by":"team-a/my-workspace"}\
      """;

  private static final String UPGRADE =
      """
      {"type":"https://workspace-operator.dev/problems/plan-upgrade-required",
       "title":"Plan upgrade required","status":403,"detail":"It needs plan Pro.",
       "instance":"/v1/workspace/","code":"PLAN_UPGRADE_REQUIRED","request_id":"r-1",
       "field":"user_daily_budget_usd","plan":"Basic","required_plan":"Pro",
       "errors":[{"pointer":"#/user_daily_budget_usd","detail":"It needs plan Pro."}]}\
      """;

  @Test
  void whatIsDocumentedPasses() {
    assertThatCode(() -> get(WORKSPACE).check()).doesNotThrowAnyException();
    assertThatCode(() -> get(WORKSPACE).path("/v1/workspace").check()).doesNotThrowAnyException();
    assertThatCode(() -> patch("{\"name\":null}").check()).doesNotThrowAnyException();
    assertThatCode(() -> patch("{\"name\":\"x\"}").problem(409, DECLARED).check())
        .doesNotThrowAnyException();
    assertThatCode(() -> get("").path("/v1/nowhere").problem(404, NOT_FOUND).check())
        .doesNotThrowAnyException();
    assertThatCode(() -> deleted().check()).doesNotThrowAnyException();
    assertThatCode(() -> get("").method("HEAD").check()).doesNotThrowAnyException();
    assertThatCode(() -> deleted().method("OPTIONS").answered("Allow", "DELETE, OPTIONS").check())
        .doesNotThrowAnyException();
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "max_concurrent_runs":10 | "max_concurrent_runs":10,"plan":"Pro" | plan
          "kill_switch":false,     | ``                                    | kill_switch
          100.0                    | "100.0"                               | daily_budget_usd
          100.0                    | -1                                    | daily_budget_usd
          100.0                    | 1E2                                   | exponent
          10}                      | null}                                 | max_concurrent_runs
          770e8400-e29b            | 770e8400                              | id
          false                    | false,"kill_switch":false             | Duplicate
          10}                      | 10} {}                                | not JSON
          """)
  void aBodyThatIsNotAsDocumentedIsFound(String part, String replacement, String told) {
    assertThatThrownBy(() -> get(WORKSPACE.replace(part, replacement)).check())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("GET /v1/workspace/ was answered 200")
        .hasMessageContaining(told);
  }

  @Test
  void aStatusThatIsNotDocumentedIsFound() {
    assertBreach(get(WORKSPACE).status(202), "this status is not among [200, 304, 400");
    assertBreach(get(WORKSPACE).path("/v1/nowhere"), "this status is not among");
    assertBreach(
        get("").path("/v1/workspace/").method("PUT").problem(404, NOT_FOUND),
        "404 is for a path that does not exist");
  }

  @Test
  void aContentTypeThatIsNotDocumentedIsFound() {
    assertBreach(get(WORKSPACE).answered("Content-Type", "text/html"), "content type text/html");
    assertBreach(get(WORKSPACE).answered("Content-Type", null), "content type (none)");
    assertBreach(deleted().body("{}"), "no body");
  }

  @Test
  void aMissingAWrongAndAnUndocumentedHeaderAreFound() {
    assertBreach(get(WORKSPACE).answered("ETag", null), "the header ETag is missing");
    assertBreach(get(WORKSPACE).answered("ETag", "W/1"), "header ETag");
    assertBreach(get(WORKSPACE).answered("X-Powered-By", "x"), "x-powered-by is not documented");
    assertBreach(
        get("").method("PUT").problem(405, NOT_FOUND.replace("404", "405")),
        "the header Allow is missing");
  }

  @Test
  void aProblemIsOfTheOperationsCodesAndNamesItsRequest() {
    assertBreach(
        patch("{\"name\":\"x\"}")
            .problem(409, DECLARED.replace("FIELD_MANAGED_DECLARATIVELY", "RUN_CANCELLED")),
        "code");
    assertBreach(
        patch("{\"name\":\"x\"}")
            .problem(409, DECLARED.replace("\"status\":409", "\"status\":404")),
        "status");
    assertBreach(
        patch("{\"name\":\"x\"}").problem(409, DECLARED.replace("r-1", "r-2")), "request_id");
    assertBreach(
        patch("{\"name\":\"x\"}")
            .problem(409, DECLARED.replace("\"request_id\"", "\"hint\":\"\",\"request_id\"")),
        "hint");
  }

  @Test
  void aProblemHasTheMembersOfItsCodeAndNoOthers() {
    assertThatCode(() -> patch("{\"name\":\"x\"}").problem(403, UPGRADE).check())
        .doesNotThrowAnyException();
    assertBreach(
        patch("{\"name\":\"x\"}").problem(403, UPGRADE.replace("\"plan\":\"Basic\",", "")), "plan");
    assertBreach(
        patch("{\"name\":\"x\"}")
            .problem(403, UPGRADE.replace("PLAN_UPGRADE_REQUIRED", "INSUFFICIENT_SCOPE")),
        "field");
    assertBreach(
        patch("{\"name\":\"x\"}")
            .problem(403, UPGRADE.replace("PLAN_UPGRADE_REQUIRED", "PLAN_TOO_SMALL")),
        "PLAN_TOO_SMALL");
    assertBreach(
        patch("{\"name\":\"x\"}")
            .problem(403, UPGRADE.replace("\"plan\"", "\"latch\":\"Runtime\",\"plan\"")),
        "latch");
  }

  @Test
  void aWrongRequestThatTheServerAcceptsIsFound() {
    assertBreach(patch("{\"colour\":\"red\"}"), "the request was accepted, body");
    assertBreach(patch("{\"daily_budget_usd\":\"100\"}"), "daily_budget_usd");
    assertBreach(patch("{"), "not JSON");
    assertBreach(patch("{}").asked("Content-Type", "text/plain"), "content type text/plain");
    assertBreach(get(WORKSPACE).asked("X-API-Key", null), "without a credential");
    assertBreach(
        get(WORKSPACE).path("/v1/workspace/?verbose=1"), "unknown query parameter verbose");
    assertBreach(
        get("{\"items\":[],\"next_cursor\":null}")
            .path("/v1/audit?limit=501")
            .answered("ETag", null),
        "parameter limit");
  }

  @Test
  void aWrongRequestThatIsRefusedIsNoDrift() {
    String failed =
        NOT_FOUND
            .replace("404", "422")
            .replace("NOT_FOUND", "VALIDATION_FAILED")
            .replace(
                "\"request_id\"",
                "\"errors\":[{\"pointer\":\"#/x\",\"detail\":\"No.\"}],\"request_id\"");

    assertThatCode(() -> patch("{\"x\":1}").problem(422, failed).check())
        .doesNotThrowAnyException();
  }

  @Test
  void anEventIsAsDocumented() {
    OpenApiContract contract = OpenApiContract.shipped();

    assertThatCode(() -> contract.checkEvent("/v1/workspace/events", "workspace", WORKSPACE))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> contract.checkEvent("/v1/workspace/events", "workspace", "{}"))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> contract.checkEvent("/v1/workspace/events", "hello", "{}"))
        .hasMessageContaining("no event hello");
  }

  private static void assertBreach(Case exchange, String told) {
    assertThatThrownBy(exchange::check)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(told);
  }

  private static Case get(String answer) {
    return new Case()
        .asked("X-API-Key", "wsk_x")
        .answered("Content-Type", "application/json")
        .answered("ETag", "\"1\"")
        .answered("X-Request-Id", "r-1")
        .body(answer);
  }

  private static Case patch(String body) {
    Case exchange = get(WORKSPACE).method("PATCH").asked("Content-Type", "application/json");
    exchange.requestBody = body;
    return exchange;
  }

  private static Case deleted() {
    return get("")
        .method("DELETE")
        .path("/v1/api-keys/770e8400-e29b-41d4-a716-446655440000")
        .status(204)
        .answered("Content-Type", null)
        .answered("ETag", null);
  }

  /** An exchange that is changed a step at a time. */
  private static final class Case {
    private final Map<String, List<String>> asked = new HashMap<>();
    private final Map<String, List<String>> answered = new HashMap<>();
    private String method = "GET";
    private String path = "/v1/workspace/";
    private String requestBody = "";
    private int status = 200;
    private String body = "";

    Case method(String changed) {
      method = changed;
      return this;
    }

    Case path(String changed) {
      path = changed;
      return this;
    }

    Case status(int changed) {
      status = changed;
      return this;
    }

    Case body(String changed) {
      body = changed;
      return this;
    }

    Case problem(int changed, String problem) {
      return status(changed)
          .body(problem)
          .answered("ETag", null)
          .answered("Content-Type", "application/problem+json");
    }

    Case asked(String name, @Nullable String value) {
      return put(asked, name, value);
    }

    Case answered(String name, @Nullable String value) {
      return put(answered, name, value);
    }

    private Case put(Map<String, List<String>> headers, String name, @Nullable String value) {
      if (value == null) {
        headers.remove(name);
      } else {
        headers.put(name, List.of(value));
      }
      return this;
    }

    void check() {
      OpenApiContract.shipped().check(method, path, asked, requestBody, status, answered, body);
    }
  }
}
