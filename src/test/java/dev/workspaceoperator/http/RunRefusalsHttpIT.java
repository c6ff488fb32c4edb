package dev.workspaceoperator.http;

import static dev.workspaceoperator.http.RunCalls.run;
import static dev.workspaceoperator.http.RunCalls.step;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.contract.EventStream;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What refuses a run or a step through HTTP, and says why. */
class RunRefusalsHttpIT {
  private static final String RUNS = "/v1/runs";
  private static final Duration WITHIN = Duration.ofSeconds(5);
  private static final String ALICE = "{\"user_id\":\"alice\"}";

  @Served private static ApiServer server;

  private static ApiClient callerWithBudget(String usd) {
    return server.caller(server.workspaceWithBudget(Plan.SCALE, usd));
  }

  @Test
  void aStepAboveWhatIsLeftIsRefusedWithTheFigures() {
    ApiClient caller = callerWithBudget("1");
    String run = run(caller, ALICE);
    String open = step(caller, run, "{\"max_cost_usd\":0.75}");

    ApiResponse waits = caller.post(run + "/steps", "{\"max_cost_usd\":0.5}");
    caller.post(open + "/settle", "{\"cost_usd\":1}");
    ApiResponse usedUp = caller.post(run + "/steps", "{\"max_cost_usd\":0}");
    ApiResponse start = caller.post(RUNS, ALICE);

    assertThat(waits.status()).isEqualTo(402);
    assertThat(waits.code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
    assertThat(waits.header("Retry-After")).as("open steps may come back").isNotEmpty();
    assertThat(waits.json().path("detail").asText())
        .contains("0.25 US dollars left today, and", "Open steps reserve 0.75");
    assertThat(waits.json().path("limit_usd").decimalValue()).isEqualByComparingTo("1");
    assertThat(waits.json().path("reserved_usd").decimalValue()).isEqualByComparingTo("0.75");
    assertThat(waits.json().path("remaining_usd").decimalValue()).isEqualByComparingTo("0.25");
    assertThat(usedUp.code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
    assertThat(usedUp.header("Retry-After")).as("nothing comes back today").isEmpty();
    assertThat(usedUp.json().path("detail").asText()).contains("Wait until");
    assertThat(start.code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
  }

  @Test
  void aStepAboveTheWholeBudgetIsNotToldToWait() {
    ApiClient caller = callerWithBudget("5");
    String run = run(caller, ALICE);

    ApiResponse refused = caller.post(run + "/steps", "{\"max_cost_usd\":6}");

    assertThat(refused.code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
    assertThat(refused.json().path("detail").asText())
        .contains("A whole day has no more than 5: make the step cheaper")
        .doesNotContain("Wait");
  }

  @Test
  void whoeverAsksOfABudgetOfNothingIsNotToldToWait() {
    ApiResponse refused = callerWithBudget("0").post(RUNS, ALICE);

    assertThat(refused.code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
    assertThat(refused.json().path("detail").asText())
        .contains("admits nothing on any day")
        .doesNotContain("Wait");
  }

  @Test
  void theCapOfARunAndTheBudgetOfAUserRefuseToo() {
    ApiClient caller = callerWithBudget("100");
    caller.patch("/v1/workspace/", "{\"user_daily_budget_usd\":2}");
    String capped = run(caller, "{\"user_id\":\"alice\",\"max_cost_usd\":1}");
    String free = run(caller, ALICE);

    step(caller, capped, "{\"max_cost_usd\":1}");

    assertThat(caller.post(capped + "/steps", "{}").code()).isEqualTo("RUN_BUDGET_EXCEEDED");
    assertThat(caller.post(free + "/steps", "{\"max_cost_usd\":1.5}").code())
        .isEqualTo("USER_DAILY_BUDGET_EXCEEDED");
    step(caller, run(caller, "{\"user_id\":\"bob\"}"), "{\"max_cost_usd\":1.5}");
  }

  @Test
  void theBudgetOfTheMonthRefusesAndUsageTellsOfIt() {
    ApiClient caller = callerWithBudget("100");
    caller.patch("/v1/workspace/", "{\"monthly_budget_usd\":2}");
    String run = run(caller, ALICE);
    step(caller, run, "{\"max_cost_usd\":1.5}");

    ApiResponse refused = caller.post(run + "/steps", "{\"max_cost_usd\":1}");

    assertThat(refused.status()).isEqualTo(402);
    assertThat(refused.code()).isEqualTo("MONTHLY_BUDGET_EXCEEDED");
    assertThat(refused.json().path("detail").asText()).contains("0.5 US dollars left this month");
    assertThat(refused.json().path("limit_usd").decimalValue()).isEqualByComparingTo("2");
    JsonNode month = caller.get("/v1/usage").json().path("month");
    assertThat(month.path("budget_usd").decimalValue()).isEqualByComparingTo("2");
    assertThat(month.path("reserved_usd").decimalValue()).isEqualByComparingTo("1.5");
    assertThat(month.path("resets_at")).isEqualTo(refused.json().path("resets_at"));
    assertThat(month.path("resets_at").asText()).endsWith("-01T00:00:00Z");
  }

  @Test
  void theRunAboveTheCapIsRefusedUntilASlotIsFree() {
    ApiClient caller = server.caller(server.workspace(Plan.BASIC));
    List<String> runs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      runs.add(run(caller, ALICE));
    }

    ApiResponse refused = caller.post(RUNS, ALICE);
    caller.post(runs.getFirst() + "/finish", "{\"outcome\":\"failed\"}");

    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.code()).isEqualTo("MAX_CONCURRENT_RUNS_EXCEEDED");
    assertThat(refused.header("Retry-After")).isNotEmpty();
    run(caller, ALICE);
  }

  @Test
  void theKillSwitchStopsRunsAndStepsAndLetsTheBooksBeClosed() throws InterruptedException {
    ApiClient caller = callerWithBudget("10");
    String run = run(caller, ALICE);
    String step = step(caller, run, "{\"max_cost_usd\":1}");

    try (EventStream events = caller.events("/v1/workspace/events")) {
      events.next(WITHIN);
      caller.post("/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"runaway\"}");
      ApiResponse start = caller.post(RUNS, ALICE);
      ApiResponse next = caller.post(run + "/steps", "{}");
      ApiResponse beat = caller.send("POST", run + "/heartbeat");

      assertThat(events.next(WITHIN).data()).contains("\"kill_switch\":true");
      for (ApiResponse refused : List.of(start, next)) {
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.code()).isEqualTo("KILL_SWITCH_ACTIVE");
        assertThat(refused.json().path("latch").asText()).isEqualTo("Runtime");
        assertThat(refused.json().path("reason").asText()).isEqualTo("runaway");
      }
      assertThat(beat.json().path("blocked").asText()).isEqualTo("KILL_SWITCH_ACTIVE");
    }
    assertThat(caller.post(step + "/settle", "{\"cost_usd\":0.5}").status()).isEqualTo(200);
    assertThat(caller.post(run + "/finish", "{\"outcome\":\"cancelled\"}").status()).isEqualTo(200);
  }

  @Test
  void thePlatformLatchStopsEveryWorkspace() {
    ApiClient caller = callerWithBudget("10");
    ApiClient fleet = ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_WRITE));
    fleet.post("/v1/platform/kill-switch", "{\"active\":true}");
    try {
      ApiResponse refused = caller.post(RUNS, ALICE);

      assertThat(refused.code()).isEqualTo("KILL_SWITCH_ACTIVE");
      assertThat(refused.json().path("latch").asText()).isEqualTo("Platform");
      assertThat(refused.json().path("detail").asText()).contains("the whole installation");
    } finally {
      fleet.post("/v1/platform/kill-switch", "{\"active\":false}");
    }
    run(caller, ALICE);
  }

  @Test
  void theRunOfAnotherWorkspaceIsNotFound() {
    ApiClient owner = callerWithBudget("10");
    String run = run(owner, ALICE);
    String step = step(owner, run, "{}");
    ApiClient stranger = callerWithBudget("10");

    for (ApiResponse refused :
        List.of(
            stranger.get(run),
            stranger.post(run + "/steps", "{}"),
            stranger.post(step + "/settle", "{\"cost_usd\":0}"),
            stranger.post(run + "/heartbeat", "{}"),
            stranger.post(run + "/finish", "{\"outcome\":\"failed\"}"),
            stranger.post(run + "/cancel", "{\"reason\":\"mine\"}"),
            owner.post(RUNS + "/not-an-id/heartbeat", "{}"),
            owner.post(run + "/steps/not-an-id/settle", "{\"cost_usd\":0}"))) {
      assertThat(refused.status()).as(refused.body()).isEqualTo(404);
      assertThat(refused.code()).isEqualTo("NOT_FOUND");
    }
    assertThat(owner.get(run).json().path("status").asText()).isEqualTo("running");
  }

  @Test
  void anArchivedWorkspaceAdmitsNothingAndClosesItsBooks() {
    Declared workspace = server.workspaceWithBudget(Plan.SCALE, "10");
    ApiClient caller = server.caller(workspace);
    String run = run(caller, ALICE);
    String step = step(caller, run, "{}");
    server.archive(workspace);

    assertThat(caller.post(RUNS, ALICE).code()).isEqualTo("WORKSPACE_ARCHIVED");
    assertThat(caller.post(run + "/steps", "{}").code()).isEqualTo("WORKSPACE_ARCHIVED");
    assertThat(caller.post(step + "/settle", "{\"cost_usd\":0}").status()).isEqualTo(200);
    assertThat(caller.get(run).json().path("blocked").asText()).isEqualTo("WORKSPACE_ARCHIVED");
    assertThat(caller.post(run + "/finish", "{\"outcome\":\"succeeded\"}").status()).isEqualTo(200);
  }
}
