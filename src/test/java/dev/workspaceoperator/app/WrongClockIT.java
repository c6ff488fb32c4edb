package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.workspace.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Replicas whose clocks are hours wrong decide as any other: by the clock of the database. */
@SuppressWarnings("NullAway.Init") // Set up before each test.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WrongClockIT {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(90);
  private static final Duration WRONG_BY = Duration.ofHours(2);
  private static final String RUNS = "/v1/runs";

  @RegisterExtension final RoleProcesses processes = RoleProcesses.ofEachTest();

  private ApiServer controller;
  private ApiClient right;
  private ApiClient ahead;
  private ApiClient behind;

  @BeforeEach
  void startReplicas(@TempDir Path classes) throws Exception {
    String databaseUrl = SharedDatabase.create();
    controller = ApiServer.on(databaseUrl);
    // The books begin anew at midnight.
    controller.execute(
        """
        DO $$ BEGIN
            EXECUTE format(
                'CREATE OR REPLACE FUNCTION operator_clock() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE'
                    ' RETURN clock_timestamp() + %L::interval',
                date_trunc('day', operator_clock(), 'UTC') + interval '12 h' - clock_timestamp());
        END $$
        """);
    UUID workspace = controller.workspaceWithBudget(Plan.SCALE, "0.05").id();
    String key = controller.keyWithAllScopes(workspace);
    right = ApiClient.with(controller.port(), key);
    List<ApiReplica> wrong = new ArrayList<>();
    for (Duration by : List.of(WRONG_BY, WRONG_BY.negated())) {
      String flag = WrongClock.ahead(by, classes.resolve(by.toString()));
      wrong.add(processes.api(List.of(flag), databaseUrl));
    }
    for (ApiReplica replica : wrong) {
      await().atMost(STARTED_WITHIN).until(replica.process()::isReady);
    }
    ahead = ApiClient.with(wrong.getFirst().caller().port(), key);
    behind = ApiClient.with(wrong.getLast().caller().port(), key);
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  @Test
  void runsAndStepsAreJudgedByTheClockOfTheDatabase() {
    theEndOfAKeyIsJudgedByTheClockOfTheReplica();

    String dead = started(right, 5).path("id").asText();
    for (ApiClient replica : List.of(ahead, behind)) {
      JsonNode run = started(replica, 3600);
      assertThat(Duration.between(time(run, "started_at"), controller.now()).abs())
          .isLessThan(Duration.ofMinutes(5));
      assertThat(time(run, "lease_expires_at"))
          .isEqualTo(time(run, "started_at").plusSeconds(3600));
      ApiResponse step = step(replica, run, "step");
      assertThat(step.status()).isEqualTo(201);
      assertThat(step(right, run, "step").body()).isEqualTo(step.body());
      assertThat(replica.get("/v1/usage").body()).isEqualTo(right.get("/v1/usage").body());
    }

    // Every replica ends dead runs: none ends one that is not dead.
    await().atMost(Duration.ofSeconds(20)).until(() -> status(right, dead).equals("expired"));
    JsonNode ended = right.get(RUNS + "/" + dead).json();
    assertThat(time(ended, "finished_at")).isAfterOrEqualTo(time(ended, "lease_expires_at"));
    assertThat(right.get("/v1/usage").json().path("active_runs").asInt()).isEqualTo(2);

    for (JsonNode run : right.get(RUNS + "?status=running").json().path("items")) {
      assertThat(step(ahead, run, "second").status()).isEqualTo(201);
      assertThat(step(behind, run, "second").status()).isEqualTo(201);
    }
    JsonNode run = right.get(RUNS + "?status=running").json().path("items").path(0);
    assertThat(step(behind, run, "fifth").status()).isEqualTo(201);
    assertThat(step(ahead, run, "sixth").code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
  }

  /** Which also shows that the clocks are wrong. */
  private void theEndOfAKeyIsJudgedByTheClockOfTheReplica() {
    assertThat(keyThatEnds(ahead, Duration.ofHours(1)).code()).isEqualTo("VALIDATION_FAILED");
    assertThat(keyThatEnds(right, Duration.ofHours(1)).status()).isEqualTo(201);
    assertThat(keyThatEnds(right, Duration.ofHours(-1)).code()).isEqualTo("VALIDATION_FAILED");
    assertThat(keyThatEnds(behind, Duration.ofHours(-1)).status()).isEqualTo(201);
  }

  private static ApiResponse keyThatEnds(ApiClient replica, Duration fromNow) {
    return replica.post(
        "/v1/api-keys",
        "{\"name\":\"short\",\"scopes\":[\"workspace:read\"],\"expires_at\":\"%s\"}"
            .formatted(Instant.now().plus(fromNow)));
  }

  private static JsonNode started(ApiClient replica, int leaseSeconds) {
    ApiResponse started =
        replica.post(RUNS, "{\"user_id\":\"ada\",\"lease_seconds\":%d}".formatted(leaseSeconds));
    assertThat(started.status()).as(started.body()).isEqualTo(201);
    return started.json();
  }

  private static ApiResponse step(ApiClient replica, JsonNode run, String idempotencyKey) {
    String id = run.path("id").asText();
    return replica
        .withHeader("Idempotency-Key", id + idempotencyKey)
        .post(RUNS + "/" + id + "/steps", "{\"max_cost_usd\":0.01}");
  }

  private static String status(ApiClient replica, String run) {
    return replica.get(RUNS + "/" + run).json().path("status").asText();
  }

  private static Instant time(JsonNode json, String field) {
    return Instant.parse(json.path(field).asText());
  }
}
