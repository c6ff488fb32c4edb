package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.Plan;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code /v1/workspace/overrides}. */
class OverridesHttpIT {
  private static final String OVERRIDES = "/v1/workspace/overrides";

  @Served private static ApiServer server;

  private static String in(Duration time) {
    return server.now().plus(time).toString();
  }

  @Test
  void areInForceUntilTheyAreDeleted() {
    ApiClient caller = server.caller(server.workspaceWithBudget(Plan.PRO, "100"));

    ApiResponse created =
        caller.post(
            OVERRIDES,
            "{\"daily_budget_usd\":250.5,\"expires_at\":\"%s\",\"reason\":\"incident\"}"
                .formatted(in(Duration.ofHours(2))));
    ApiResponse listed = caller.get(OVERRIDES);
    ApiResponse inForce = caller.get("/v1/workspace/");
    ApiResponse deleted = caller.delete(created.header("Location"));

    assertThat(created.status()).isEqualTo(201);
    assertThat(created.json().path("field").asText()).isEqualTo("daily_budget_usd");
    assertThat(listed.json().path("items").path(0)).isEqualTo(created.json());
    assertThat(inForce.body()).contains("\"daily_budget_usd\":250.5,");
    assertThat(deleted.status()).isEqualTo(204);
    assertThat(deleted.body()).isEmpty();
    assertThat(caller.get("/v1/workspace/").body()).contains("\"daily_budget_usd\":100,");
    assertThat(caller.delete(created.header("Location")).status()).isEqualTo(404);
  }

  @Test
  void canBeUnlimited() {
    ApiClient caller = server.caller(server.workspaceWithBudget(Plan.PRO, "100"));

    ApiResponse created =
        caller.post(
            OVERRIDES,
            "{\"daily_budget_usd\":null,\"expires_at\":\"%s\",\"reason\":\"incident\"}"
                .formatted(in(Duration.ofHours(1))));

    assertThat(created.json().path("value").isNull()).isTrue();
    assertThat(caller.get("/v1/workspace/").body()).contains("\"daily_budget_usd\":null,");
  }

  @Test
  void mustEndWithin24Hours() {
    ApiClient caller = server.caller(server.workspace(Plan.PRO));

    for (String end :
        List.of(in(Duration.ofHours(25)), in(Duration.ofHours(-1)), "9999-12-31T23:59:59Z")) {
      ApiResponse reply =
          caller.post(
              OVERRIDES,
              "{\"max_concurrent_runs\":20,\"expires_at\":\"%s\",\"reason\":\"r\"}".formatted(end));

      assertThat(reply.status()).as(end).isEqualTo(422);
      assertThat(reply.pointers()).containsExactly("#/expires_at");
    }
  }

  @Test
  void tellEverythingThatIsWrongAtOnce() {
    ApiClient caller = server.caller(server.workspace(Plan.PRO));

    ApiResponse reply =
        caller.post(
            OVERRIDES,
            "{\"daily_budget_usd\":-1,\"max_concurrent_runs\":null,\"expires_at\":\"soon\",\"x\":1}");

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.pointers())
        .containsExactlyInAnyOrder(
            "#/x", "#", "#/daily_budget_usd", "#/max_concurrent_runs", "#/expires_at", "#/reason");
  }

  @Test
  void areMadeOnceForOneIdempotencyKey() {
    ApiClient caller =
        server.caller(server.workspace(Plan.PRO)).withHeader("Idempotency-Key", "incident 7");
    String end = in(Duration.ofHours(1));
    String body =
        "{\"max_concurrent_runs\":20,\"expires_at\":\"%s\",\"reason\":\"r\"}".formatted(end);

    ApiResponse first = caller.post(OVERRIDES, body);
    ApiResponse equal =
        caller.post(
            OVERRIDES + "/",
            "{ \"reason\":\"\\u0072\", \"expires_at\":\"%s\", \"max_concurrent_runs\":2e1 }"
                .formatted(end));
    ApiResponse other = caller.post(OVERRIDES, body.replace("20", "21"));

    assertThat(first.header("Idempotency-Replayed")).isEmpty();
    assertThat(equal.status()).isEqualTo(201);
    assertThat(equal.header("Idempotency-Replayed")).isEqualTo("true");
    assertThat(equal.body()).isEqualTo(first.body());
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.code()).isEqualTo("IDEMPOTENCY_KEY_REUSED");
    assertThat(caller.get(OVERRIDES).json().path("items")).hasSize(1);
  }
}
