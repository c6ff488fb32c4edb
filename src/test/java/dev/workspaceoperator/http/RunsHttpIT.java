package dev.workspaceoperator.http;

import static dev.workspaceoperator.http.RunCalls.run;
import static dev.workspaceoperator.http.RunCalls.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.Plan;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run's life through HTTP: started, stepped, kept alive, ended; what refuses it says why. */
class RunsHttpIT {
  private static final String RUNS = "/v1/runs";
  private static final String ALICE = "{\"user_id\":\"alice\"}";

  @Served private static ApiServer server;

  private static ApiClient callerWithBudget(String usd) {
    return server.caller(server.workspaceWithBudget(Plan.SCALE, usd));
  }

  private static JsonNode usage(ApiClient caller) {
    return caller.get("/v1/usage").json();
  }

  @Test
  void aRunIsStartedSteppedSettledAndFinished() {
    ApiClient caller = callerWithBudget("10");

    ApiResponse started =
        caller.post(
            RUNS,
            "{\"user_id\":\"alice\",\"lease_seconds\":60,\"max_cost_usd\":5,\"labels\":{\"agent\":\"researcher\"}}");
    String run = started.header("Location");
    ApiResponse admitted =
        caller.post(run + "/steps", "{\"max_cost_usd\":0.3,\"name\":\"look\",\"labels\":{}}");
    String step = run + "/steps/" + admitted.json().path("id").asText();
    JsonNode between = caller.get(run).json();
    ApiResponse settled = caller.post(step + "/settle", "{\"cost_usd\":0.1}");
    ApiResponse finished = caller.post(run + "/finish", "{\"outcome\":\"succeeded\"}");

    assertThat(started.status()).isEqualTo(201);
    assertThat(run).isEqualTo(RUNS + "/" + started.json().path("id").asText());
    assertThat(started.json().path("status").asText()).isEqualTo("running");
    assertThat(started.json().path("labels").toString()).isEqualTo("{\"agent\":\"researcher\"}");
    assertThat(Instant.parse(started.json().path("lease_expires_at").asText()))
        .isEqualTo(Instant.parse(started.json().path("started_at").asText()).plusSeconds(60));
    assertThat(admitted.json().path("status").asText()).isEqualTo("admitted");
    assertThat(between.path("reserved_usd").decimalValue()).isEqualByComparingTo("0.3");
    assertThat(between.path("blocked").isNull()).isTrue();
    assertThat(settled.json().path("status").asText()).isEqualTo("settled");
    assertThat(settled.body()).contains("\"cost_usd\":0.1,");
    assertThat(finished.json().path("status").asText()).isEqualTo("succeeded");
    assertThat(finished.json().path("spent_usd").decimalValue()).isEqualByComparingTo("0.1");
    assertThat(finished.json().path("blocked").asText()).isEqualTo("RUN_NOT_RUNNING");
    assertThat(usage(caller).path("active_runs").asInt()).isZero();
  }

  @Test
  void aStepThatNamesNothingReservesTheDefault() {
    ApiClient caller = callerWithBudget("10");
    String run = run(caller, ALICE);

    ApiResponse admitted = caller.send("POST", run + "/steps");

    assertThat(admitted.status()).isEqualTo(201);
    assertThat(admitted.body()).contains("\"reserved_usd\":0.01,", "\"name\":null,");
  }

  @Test
  void onCallStopsOneRun() {
    ApiClient caller = callerWithBudget("10");
    String run = run(caller, ALICE);
    step(caller, run, "{\"max_cost_usd\":2}");

    ApiResponse cancelled = caller.post(run + "/cancel", "{\"reason\":\"loops\"}");
    ApiResponse again = caller.post(run + "/cancel", "{\"reason\":\"loops\"}");

    assertThat(cancelled.json().path("status").asText()).isEqualTo("cancelled");
    assertThat(cancelled.json().path("spent_usd").decimalValue()).isEqualByComparingTo("2");
    assertThat(again.json()).isEqualTo(cancelled.json());
    assertThat(caller.post(run + "/steps", "{}").code()).isEqualTo("RUN_CANCELLED");
    assertThat(caller.post(run + "/heartbeat", "{}").json().path("blocked").asText())
        .isEqualTo("RUN_CANCELLED");
    assertThat(caller.post(run + "/finish", "{\"outcome\":\"cancelled\"}").status()).isEqualTo(200);
    assertThat(caller.post(run + "/finish", "{\"outcome\":\"succeeded\"}").code())
        .isEqualTo("RUN_NOT_RUNNING");
  }

  @Test
  void aSettledCostIsFinal() {
    ApiClient caller = callerWithBudget("10");
    String run = run(caller, ALICE);
    String step = step(caller, run, "{\"max_cost_usd\":1}");
    ApiResponse settled = caller.post(step + "/settle", "{\"cost_usd\":0.25}");

    assertThat(caller.post(step + "/settle", "{\"cost_usd\":0.250}").json())
        .isEqualTo(settled.json());
    assertThat(caller.post(step + "/settle", "{\"cost_usd\":0.3}").code())
        .isEqualTo("STEP_ALREADY_SETTLED");
  }

  @Test
  void aRunWithoutAHeartbeatExpiresAndIsCharged() {
    ApiClient caller = callerWithBudget("10");
    String run = run(caller, "{\"user_id\":\"alice\",\"lease_seconds\":5}");
    String step = step(caller, run, "{\"max_cost_usd\":1}");

    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> assertThat(caller.get(run).json().path("status").asText()).isEqualTo("expired"));

    assertThat(usage(caller).path("spent_usd").decimalValue()).isEqualByComparingTo("1");
    assertThat(caller.post(run + "/steps", "{}").code()).isEqualTo("RUN_NOT_RUNNING");
    caller.post(step + "/settle", "{\"cost_usd\":0.4}");
    assertThat(usage(caller).path("spent_usd").decimalValue()).isEqualByComparingTo("0.4");
  }

  @Test
  void oneKeyHasOneEffect() {
    ApiClient caller = callerWithBudget("10");
    ApiClient keyed = caller.withHeader("Idempotency-Key", "start-1");
    ApiResponse first = keyed.post(RUNS, "{\"user_id\":\"alice\",\"max_cost_usd\":1}");

    ApiResponse replayed = keyed.post(RUNS + "/", "{\"max_cost_usd\":1.0,\"user_id\":\"alice\"}");
    ApiResponse other = keyed.post(RUNS, "{\"user_id\":\"bob\"}");
    String run = first.header("Location");
    ApiClient keyedStep = caller.withHeader("Idempotency-Key", "step-1");
    ApiResponse step = keyedStep.post(run + "/steps", "{\"max_cost_usd\":0.5}");
    ApiResponse stepAgain = keyedStep.post(run + "/steps", "{\"max_cost_usd\":0.5}");

    assertThat(replayed.status()).isEqualTo(201);
    assertThat(replayed.json()).isEqualTo(first.json());
    assertThat(replayed.header("Location")).isEqualTo(run);
    assertThat(replayed.header("Idempotency-Replayed")).isEqualTo("true");
    assertThat(first.header("Idempotency-Replayed")).isEmpty();
    assertThat(other.code()).isEqualTo("IDEMPOTENCY_KEY_REUSED");
    assertThat(stepAgain.json()).isEqualTo(step.json());
    assertThat(stepAgain.header("Idempotency-Replayed")).isEqualTo("true");
    assertThat(usage(caller).path("active_runs").asInt()).isEqualTo(1);
    assertThat(usage(caller).path("reserved_usd").decimalValue()).isEqualByComparingTo("0.5");
  }

  @Test
  void runsAreListedNewestFirstAndByStatusAndUser() {
    ApiClient caller = callerWithBudget("10");
    String first = run(caller, ALICE);
    String second = run(caller, "{\"user_id\":\"bob\"}");
    String third = run(caller, ALICE);
    caller.post(first + "/finish", "{\"outcome\":\"succeeded\"}");

    assertThat(paths(caller.get(RUNS))).containsExactly(third, second, first);
    assertThat(paths(caller.get(RUNS + "?user_id=alice"))).containsExactly(third, first);
    assertThat(paths(caller.get(RUNS + "?status=running"))).containsExactly(third, second);
    JsonNode page = caller.get(RUNS + "?limit=2").json();
    assertThat(paths(caller.get(RUNS + "?limit=2&cursor=" + page.path("next_cursor").asText())))
        .containsExactly(first);
  }

  @Test
  void runsOfAUserThatNoneCanBeAreABadRequest() {
    ApiClient caller = callerWithBudget("10");

    String beyondTheBasicPlane = "%F0%9F%98%80";
    for (String userId :
        List.of("", "a%00b", "a%0Ab", "a".repeat(257), beyondTheBasicPlane.repeat(257))) {
      ApiResponse refused = caller.get(RUNS + "?user_id=" + userId);
      assertThat(refused.code()).as(userId).isEqualTo("BAD_REQUEST");
      assertThat(refused.json().path("detail").asText())
          .contains("user_id must have 1 to 256 characters");
    }
    assertThat(caller.get(RUNS + "?user_id=" + beyondTheBasicPlane.repeat(256)).status())
        .isEqualTo(200);
  }

  private static List<String> paths(ApiResponse list) {
    List<String> paths = new ArrayList<>();
    list.json().path("items").forEach(run -> paths.add(RUNS + "/" + run.path("id").asText()));
    return paths;
  }

  @Test
  void usageTellsOfTheDayAndOfEachUser() {
    ApiClient caller = callerWithBudget("10");
    String alice = run(caller, ALICE);
    String bob = run(caller, "{\"user_id\":\"bob\"}");
    caller.post(step(caller, alice, "{\"max_cost_usd\":1}") + "/settle", "{\"cost_usd\":0.4}");
    step(caller, bob, "{\"max_cost_usd\":2}");

    JsonNode usage = usage(caller);
    JsonNode longAgo = caller.get("/v1/usage?day=2020-02-29").json();

    assertThat(usage.path("spent_usd").decimalValue()).isEqualByComparingTo("0.4");
    assertThat(usage.path("reserved_usd").decimalValue()).isEqualByComparingTo("2");
    assertThat(usage.path("remaining_usd").decimalValue()).isEqualByComparingTo("7.6");
    assertThat(usage.path("active_runs").asInt()).isEqualTo(2);
    assertThat(usage.path("users").path("items").toString())
        .isEqualTo(
            "[{\"user_id\":\"alice\",\"spent_usd\":0.4,\"reserved_usd\":0},{\"user_id\":\"bob\",\"spent_usd\":0,\"reserved_usd\":2}]");
    assertThat(longAgo.path("resets_at").asText()).isEqualTo("2020-03-01T00:00:00Z");
    assertThat(longAgo.path("spent_usd").decimalValue()).isEqualByComparingTo("0");
    assertThat(longAgo.path("users").path("items").isEmpty()).isTrue();
  }

  @Test
  void usageOfEveryDayOfAYearCanBeRead() {
    Declared workspace = server.workspaceWithBudget(Plan.SCALE, "10");
    server.execute(
        "INSERT INTO workspace_day (workspace_id, day, spent_micro_usd)"
            + " SELECT '%s', DATE '2024-01-01' + day, day + 1 FROM generate_series(0, 365) AS day"
                .formatted(workspace.id()));
    server.execute(
        "INSERT INTO user_day SELECT workspace_id, day, 'alice', spent_micro_usd, 0"
            + " FROM workspace_day WHERE workspace_id = '%s'".formatted(workspace.id()));
    ApiClient caller = server.caller(workspace);

    LocalDate day = LocalDate.of(2024, 1, 1);
    for (int microUsd = 1; microUsd <= 366; microUsd++, day = day.plusDays(1)) {
      JsonNode usage = caller.get("/v1/usage?day=" + day).json();
      BigDecimal usd = BigDecimal.valueOf(microUsd, 6);
      assertThat(usage.path("day").asText()).isEqualTo(day.toString());
      assertThat(usage.path("spent_usd").decimalValue()).isEqualByComparingTo(usd);
      assertThat(usage.at("/users/items/0/spent_usd").decimalValue()).isEqualByComparingTo(usd);
    }
  }
}
