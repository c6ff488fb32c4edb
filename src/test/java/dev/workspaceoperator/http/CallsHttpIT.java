package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.Plan;
import java.time.Instant;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One call of a model at a time: asked for once, told once. */
class CallsHttpIT {
  private static final String CALLS = "/v1/calls";
  private static final String FIVE_CENTS =
      "{\"user_id\":\"alice\",\"max_cost_usd\":0.05,\"name\":\"chat\",\"labels\":{\"model\":\"small\"}}";

  @Served private static ApiServer server;

  private static ApiClient callerWithBudget(String usd) {
    return server.caller(server.workspaceWithBudget(Plan.SCALE, usd));
  }

  @Test
  void aCallIsAdmittedAndSettled() {
    ApiClient caller = callerWithBudget("10");

    ApiResponse admitted = caller.post(CALLS, FIVE_CENTS);
    JsonNode call = admitted.json();
    JsonNode asRun = caller.get(admitted.header("Location")).json();
    JsonNode settled = caller.post(settle(admitted), "{\"cost_usd\":0.032}").json();

    assertThat(admitted.status()).isEqualTo(201);
    assertThat(call.path("status").asText()).isEqualTo("running");
    assertThat(call.path("reserved_usd").decimalValue()).isEqualByComparingTo("0.05");
    assertThat(call.path("labels").toString()).isEqualTo("{\"model\":\"small\"}");
    assertThat(Instant.parse(call.path("lease_expires_at").asText()))
        .isEqualTo(Instant.parse(call.path("admitted_at").asText()).plusSeconds(300));
    assertThat(asRun.path("labels").path("workspace-operator.dev/call").asText()).isEqualTo("true");
    assertThat(settled.path("id")).isEqualTo(call.path("id"));
    assertThat(settled.path("status").asText()).isEqualTo("succeeded");
    assertThat(settled.path("cost_usd").decimalValue()).isEqualByComparingTo("0.032");
    JsonNode usage = caller.get("/v1/usage").json();
    assertThat(usage.path("spent_usd").decimalValue()).isEqualByComparingTo("0.032");
    assertThat(usage.path("reserved_usd").decimalValue()).isEqualByComparingTo("0");
    assertThat(usage.path("active_runs").asInt()).isZero();
  }

  @Test
  void whatDoesNotFitIsRefusedAsAWhole() {
    ApiClient caller = callerWithBudget("0.04");

    ApiResponse refused = caller.post(CALLS, FIVE_CENTS);

    assertThat(refused.status()).isEqualTo(402);
    assertThat(refused.code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
    assertThat(caller.get("/v1/runs").json().path("items")).isEmpty();
    assertThat(caller.get("/v1/usage").json().path("active_runs").asInt()).isZero();
  }

  @Test
  void aStoppedWorkspaceTakesNoCallAndSettlesThoseThatRun() {
    ApiClient caller = callerWithBudget("10");
    ApiResponse running = caller.post(CALLS, FIVE_CENTS);
    caller.post("/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"an incident\"}");

    assertThat(caller.post(CALLS, FIVE_CENTS).code()).isEqualTo("KILL_SWITCH_ACTIVE");
    assertThat(
            caller
                .post(settle(running), "{\"cost_usd\":0.01,\"outcome\":\"cancelled\"}")
                .json()
                .path("status")
                .asText())
        .isEqualTo("cancelled");
  }

  @Test
  void theSameAgainIsTheSameAnswerAndAnotherAmountIsRefused() {
    ApiClient caller = callerWithBudget("10");
    ApiClient keyed = caller.withHeader("Idempotency-Key", "one-call");
    ApiResponse first = keyed.post(CALLS, FIVE_CENTS);
    ApiResponse again = keyed.post(CALLS, FIVE_CENTS);
    JsonNode settled = caller.post(settle(first), "{\"cost_usd\":0.02}").json();

    assertThat(again.json()).isEqualTo(first.json());
    assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    assertThat(keyed.post(CALLS, "{\"user_id\":\"bob\"}").code())
        .isEqualTo("IDEMPOTENCY_KEY_REUSED");
    assertThat(caller.post(settle(first), "{\"cost_usd\":0.020}").json()).isEqualTo(settled);
    assertThat(caller.post(settle(first), "{\"cost_usd\":0.03}").code())
        .isEqualTo("STEP_ALREADY_SETTLED");
    assertThat(keyed.post(CALLS, FIVE_CENTS).json())
        .as("the key tells what was admitted")
        .isEqualTo(first.json());
  }

  @Test
  void aCallThatIsForgottenIsChargedAtItsLeasesEnd() {
    ApiClient caller = callerWithBudget("10");
    ApiResponse admitted =
        caller.post(CALLS, "{\"user_id\":\"alice\",\"max_cost_usd\":0.05,\"lease_seconds\":5}");

    await()
        .untilAsserted(() ->
            assertThat(caller.get(admitted.header("Location")).json().path("status").asText())
                .isEqualTo("expired"));
    assertThat(caller.get("/v1/usage").json().path("spent_usd").decimalValue())
        .isEqualByComparingTo("0.05");
    assertThat(caller.post(settle(admitted), "{\"cost_usd\":0.01}").status()).isEqualTo(200);
    assertThat(caller.get("/v1/usage").json().path("spent_usd").decimalValue())
        .isEqualByComparingTo("0.01");
  }

  @Test
  void whatIsNoCallIsNotFound() {
    ApiClient caller = callerWithBudget("10");
    String run =
        caller
            .post("/v1/runs", "{\"user_id\":\"alice\"}")
            .header("Location")
            .replace("runs", "calls");

    assertThat(caller.post(run + "/settle", "{\"cost_usd\":0.01}").status()).isEqualTo(404);
    assertThat(
            caller
                .post(CALLS + "/" + UUID.randomUUID() + "/settle", "{\"cost_usd\":0.01}")
                .status())
        .isEqualTo(404);
    assertThat(caller.post(CALLS, "{}").code()).isEqualTo("VALIDATION_FAILED");
    assertThat(caller.post(CALLS, "{\"user_id\":\"a\",\"lease_seconds\":4}").code())
        .isEqualTo("VALIDATION_FAILED");
    assertThat(caller.post(run + "/settle", "{\"cost_usd\":1,\"outcome\":\"expired\"}").code())
        .isEqualTo("VALIDATION_FAILED");
  }

  @Test
  void theOperatorsLabelIsNobodysAndComesOnTopOfTheCallers() {
    ApiClient caller = callerWithBudget("10");
    String eight =
        IntStream.range(0, 8)
            .mapToObj("\"l%d\":\"\""::formatted)
            .collect(Collectors.joining(",", "{", "}"));
    ApiResponse admitted =
        caller.post(CALLS, "{\"user_id\":\"alice\",\"labels\":%s}".formatted(eight));

    assertThat(admitted.json().path("labels")).hasSize(8);
    assertThat(caller.get(admitted.header("Location")).json().path("labels")).hasSize(9);
    for (String path : new String[] {CALLS, "/v1/runs"}) {
      ApiResponse refused =
          caller.post(
              path,
              "{\"user_id\":\"alice\",\"labels\":{\"workspace-operator.dev/call\":\"true\"}}");
      assertThat(refused.code()).isEqualTo("VALIDATION_FAILED");
      assertThat(refused.body()).contains("are the operator's");
    }
  }

  private static String settle(ApiResponse admitted) {
    return CALLS + "/" + admitted.json().path("id").asText() + "/settle";
  }
}
