package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /v1/usage/history}. */
class UsageHistoryHttpIT {
  private static final String HISTORY = "/v1/usage/history?from=2025-12-30&to=2026-02-02";

  @Served private static ApiServer server;

  private static ApiClient caller(Declared workspace) {
    return server.caller(workspace, Scope.WORKSPACE_READ);
  }

  /** What a user spent on a day, in micro-USD, in his book and in the workspace's. */
  static void book(ApiServer server, Declared workspace, String day, String user, long spent) {
    server.execute(
        ("INSERT INTO user_day (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)"
                + " VALUES ('%s', '%s', '%s', %d, 0)")
            .formatted(workspace.id(), day, user.replace("'", "''"), spent));
    server.execute(
        ("INSERT INTO workspace_day AS book (workspace_id, day, spent_micro_usd, reserved_micro_usd)"
                + " VALUES ('%s', '%s', %d, 0) ON CONFLICT (workspace_id, day)"
                + " DO UPDATE SET spent_micro_usd = book.spent_micro_usd + %3$d")
            .formatted(workspace.id(), day, spent));
  }

  private static Declared withBooks() {
    Declared workspace = server.workspace(Plan.PRO);
    book(server, workspace, "2025-12-29", "alice", 1);
    book(server, workspace, "2025-12-30", "alice", 1_500_000);
    book(server, workspace, "2026-01-01", "bob", 2_000_001);
    book(server, workspace, "2026-01-31", "alice", 10_000_000);
    book(server, workspace, "2026-02-02", "=cmd", 250_000);
    book(server, workspace, "2026-02-03", "alice", 1);
    return workspace;
  }

  private static List<String> rows(JsonNode history, String group) {
    List<String> rows = new ArrayList<>();
    for (JsonNode item : history.path("items")) {
      rows.add(
          item.path(group).asText() + " " + item.path("spent_usd").decimalValue().toPlainString());
    }
    return rows;
  }

  @Test
  void hasEachDayOfTheRangeAndNoOther() {
    JsonNode history = caller(withBooks()).get(HISTORY).json();

    assertThat(history.path("time_zone").asText()).isEqualTo("UTC");
    assertThat(history.path("next_cursor").isNull()).isTrue();
    assertThat(rows(history, "day"))
        .hasSize(35)
        .startsWith("2025-12-30 1.5", "2025-12-31 0", "2026-01-01 2.000001")
        .endsWith("2026-01-31 10", "2026-02-01 0", "2026-02-02 0.25");
  }

  @Test
  void sumsUpTheDaysOfEachMonthThatAreInTheRange() {
    JsonNode history = caller(withBooks()).get(HISTORY + "&group_by=month").json();

    assertThat(rows(history, "month"))
        .containsExactly("2025-12 1.5", "2026-01 12.000001", "2026-02 0.25");
  }

  @Test
  void hasUsersDearestFirstInParts() {
    ApiClient caller = caller(withBooks());
    String users = HISTORY + "&group_by=user&limit=2";

    JsonNode first = caller.get(users).json();
    JsonNode rest = caller.get(users + "&cursor=" + first.path("next_cursor").asText()).json();

    assertThat(rows(first, "user_id")).containsExactly("alice 11.5", "bob 2.000001");
    assertThat(rows(rest, "user_id")).containsExactly("=cmd 0.25");
    assertThat(rest.path("next_cursor").isNull()).isTrue();
  }

  @Test
  void isATableWhereCsvIsAskedForAndTellsWhereTheRestBegins() {
    ApiClient caller = caller(withBooks()).withHeader("Accept", "text/csv");

    ApiResponse first = caller.get(HISTORY + "&group_by=user&limit=2");
    String next = first.header("Link").replaceAll("^<(.*)>; rel=\"next\"$", "$1");
    ApiResponse rest = caller.get(next);

    assertThat(first.header("Content-Type")).startsWith("text/csv");
    assertThat(first.body())
        .isEqualTo("user_id,spent_usd,reserved_usd\r\nalice,11.5,0\r\nbob,2.000001,0\r\n");
    assertThat(rest.body()).isEqualTo("user_id,spent_usd,reserved_usd\r\n'=cmd,0.25,0\r\n");
    assertThat(rest.header("Link")).isEmpty();
  }

  @Test
  void isJsonUnlessCsvIsLikedBetter() {
    ApiClient caller = caller(withBooks());

    for (String accept :
        List.of("*/*", "application/json, text/csv", "text/csv;q=0.5, */*;q=0.6")) {
      assertThat(caller.withHeader("Accept", accept).get(HISTORY).header("Content-Type"))
          .as(accept)
          .startsWith("application/json");
    }
    assertThat(
            caller
                .withHeader("Accept", "application/json;q=0.5, text/csv")
                .get(HISTORY)
                .header("Content-Type"))
        .startsWith("text/csv");
    assertThat(caller.withHeader("Accept", "text/html").get(HISTORY).status()).isEqualTo(406);
  }

  @Test
  void isOfThirtyDaysUntilTodayWhereNothingIsSaid() {
    JsonNode history = caller(server.workspace(Plan.BASIC)).get("/v1/usage/history").json();

    LocalDate today = server.now().atZone(ZoneOffset.UTC).toLocalDate();
    assertThat(history.path("to").asText()).isEqualTo(today.toString());
    assertThat(history.path("from").asText()).isEqualTo(today.minusDays(29).toString());
    assertThat(history.path("items")).hasSize(30);
  }

  @Test
  void isOfTodayAsSoonAsSomethingIsSettled() {
    Declared workspace = server.workspace(Plan.PRO);
    ApiClient team = server.caller(workspace);
    String step =
        RunCalls.step(team, RunCalls.run(team, "{\"user_id\":\"alice\"}"), "{\"max_cost_usd\":1}");
    team.post(step + "/settle", "{\"cost_usd\":0.75}");

    JsonNode history = team.get("/v1/usage/history?group_by=user").json();

    assertThat(rows(history, "user_id")).containsExactly("alice 0.75");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from=2026-02-03&to=2026-02-02",
        "from=2025-01-01&to=2026-02-05",
        "from=yesterday",
        "from=2026-02-30&to=2026-03-01",
        "group_by=week",
        "cursor=",
        "group_by=month&cursor=abc",
        "tz=Europe/Berlin",
        "form=2026-01-01",
        "from=2026-01-01&from=2026-01-02",
        "group_by=user&cursor=x"
      })
  void saysWhatIsWrongWithAQuery(String query) {
    ApiResponse reply = caller(server.workspace(Plan.PRO)).get("/v1/usage/history?" + query);

    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(reply.code()).isEqualTo("BAD_REQUEST");
  }

  @Test
  void saysPlainlyThatDaysAreUtc() {
    ApiResponse reply = caller(server.workspace(Plan.PRO)).get("/v1/usage/history?tz=Asia/Tokyo");

    assertThat(reply.body()).contains("the books are kept by UTC days, and have no hours");
  }

  @Test
  void goesBackFourHundredDaysAndNoFurther() {
    ApiClient caller = caller(server.workspace(Plan.PRO));

    assertThat(caller.get("/v1/usage/history?from=2025-01-01&to=2026-02-04").json().path("items"))
        .hasSize(400);
    assertThat(caller.get("/v1/usage/history?from=2025-01-01&to=2026-02-05").body())
        .contains("are 401. Ask for 1 to 400 days");
  }
}
