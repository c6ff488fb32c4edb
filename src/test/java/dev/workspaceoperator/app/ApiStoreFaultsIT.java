package dev.workspaceoperator.app;

import static dev.workspaceoperator.app.ApiCaller.KILL_SWITCH;
import static dev.workspaceoperator.app.ApiCaller.OVERRIDES;
import static dev.workspaceoperator.app.ApiCaller.WORKSPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiCaller.Reply;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas of the role {@code api} whose PostgreSQL stops, hangs and comes back. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ApiStoreFaultsIT {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);

  private static final Duration SERVES_AGAIN_WITHIN = Duration.ofSeconds(5);

  /** Beside the 2 s of the program: a client and a server on one busy machine. */
  private static final Duration TOLD_WITHIN = Duration.ofMillis(2_500);

  @RegisterExtension static final RoleProcesses PROCESSES = RoleProcesses.ofAllTests();

  @TempDir private static Path directory;
  private static EmbeddedDatabase database;
  private static ApiReplica one;
  private static ApiReplica two;
  private String key;

  @BeforeAll
  static void startDatabase() throws InterruptedException {
    database =
        EmbeddedDatabase.start(directory.resolve("postgres"), 0, line -> System.err.println(line));
    new Migrations(DatabaseSettings.of(database.url()))
        .migrate(Duration.ofSeconds(10), System.err::println);
    one = PROCESSES.api(database.url());
    two = PROCESSES.api(database.url());
  }

  @AfterAll
  static void stopDatabase() {
    database.close();
  }

  /** Each in a workspace of its own; what the one before has killed starts anew. */
  @BeforeEach
  void start() throws InterruptedException {
    try (ApiServer controller = ApiServer.on(database.url())) {
      key = controller.keyWithAllScopes(controller.workspace(Plan.SCALE).id());
    }
    one = running(one);
    two = running(two);
    for (ApiReplica replica : List.of(one, two)) {
      await().atMost(STARTED_WITHIN).until(replica.process()::isReady);
      await().atMost(SERVES_AGAIN_WITHIN).until(() -> replica.status(key) == 200);
    }
  }

  private static ApiReplica running(ApiReplica replica) {
    return replica.process().isAlive() ? replica : PROCESSES.api(database.url());
  }

  @Test
  void tellsThatTheStoreIsDownAndServesAsSoonAsItIsBack() throws Exception {
    database.stop();

    toldUnavailable();
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () -> assertThat(one.process().hasMetric("workspace_operator_store_up 0.0")).isTrue());
    assertThat(one.process().isReady()).isTrue();
    assertThat(one.process().isLive()).isTrue();

    database.start();
    await()
        .atMost(Duration.ofSeconds(5))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> one.status(key) == 200 && two.status(key) == 200);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> one.process().hasMetric("workspace_operator_store_up 1.0"));
  }

  @Test
  void tellsThatTheStoreHangsAndServesOnceItGoesOn() throws Exception {
    try (FrozenDatabase _ = FrozenDatabase.freeze(database.url())) {
      toldUnavailable();
      assertThat(one.process().isReady()).isTrue();
      assertThat(one.process().isLive()).isTrue();
    }

    await()
        .atMost(Duration.ofSeconds(5))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> one.status(key) == 200 && two.status(key) == 200);
  }

  @Test
  @Tag("long")
  void anOverrideEndsToTheSecondOverRestartsOfReplicaAndStore() throws Exception {
    assertThat(one.call(key, "PATCH", WORKSPACE, "{\"daily_budget_usd\":1}").status())
        .isEqualTo(200);
    Instant end = Instant.now().plusSeconds(15).truncatedTo(ChronoUnit.MILLIS);
    Reply made =
        one.call(
            key,
            "POST",
            OVERRIDES,
            "{\"daily_budget_usd\":9,\"expires_at\":\"%s\",\"reason\":\"incident\"}"
                .formatted(end));
    assertThat(made.status()).isEqualTo(201);

    one.process().kill();
    database.stop();
    database.start();
    one = PROCESSES.api(database.url());
    await().atMost(STARTED_WITHIN).until(one.process()::isReady);

    assertThat(Instant.now()).as("the restarts took too long to say anything").isBefore(end);
    for (ApiReplica replica : List.of(one, two)) {
      await().atMost(Duration.ofSeconds(5)).until(() -> replica.status(key) == 200);
      assertThat(replica.get(key, WORKSPACE).field("daily_budget_usd")).isEqualTo("9");
    }
    changesExactlyAt(end, List.of(one, two));
    await().atMost(Duration.ofSeconds(3)).untilAsserted(() -> assertThat(endings(one)).hasSize(1));
    await()
        .during(Duration.ofSeconds(3))
        .atMost(Duration.ofSeconds(6))
        .untilAsserted(() -> assertThat(endings(two)).hasSize(1));
  }

  @Test
  void anOverrideThatEndedWhileEverythingWasDownIsRecordedOnce() throws Exception {
    Instant end = Instant.now().plusSeconds(4);
    assertThat(
            one.call(
                    key,
                    "POST",
                    OVERRIDES,
                    "{\"max_concurrent_runs\":9,\"expires_at\":\"%s\",\"reason\":\"incident\"}"
                        .formatted(end))
                .status())
        .isEqualTo(201);
    one.process().kill();
    two.process().kill();
    database.kill();
    await().atMost(Duration.ofSeconds(10)).until(() -> Instant.now().isAfter(end));
    database.start();

    one = PROCESSES.api(database.url());
    two = PROCESSES.api(database.url());
    for (ApiReplica replica : List.of(one, two)) {
      await().atMost(STARTED_WITHIN).until(replica.process()::isReady);
      assertThat(replica.get(key, WORKSPACE).field("max_concurrent_runs")).isEqualTo("50");
    }
    await()
        .during(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(endings(two)).hasSize(1));
  }

  /** Readers, writers and the kill switch alike, from the first request on. */
  private void toldUnavailable() throws Exception {
    for (int round = 0; round < 3; round++) {
      List<CompletableFuture<Reply>> replies =
          List.of(
              ReplicaLoad.inBackground(
                  () -> one.call(key, "POST", KILL_SWITCH, "{\"active\":true}")),
              ReplicaLoad.inBackground(
                  () -> one.call(key, "PATCH", WORKSPACE, "{\"daily_budget_usd\":5}")),
              ReplicaLoad.inBackground(() -> two.get(key, WORKSPACE)),
              ReplicaLoad.inBackground(() -> two.get(key, "/v1/audit")));
      for (CompletableFuture<Reply> asked : replies) {
        Reply reply = asked.get(1, TimeUnit.MINUTES);
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.code()).isEqualTo("STORE_UNAVAILABLE");
        assertThat(reply.retryAfter()).isPresent();
        assertThat(reply.took()).isLessThan(TOLD_WITHIN);
      }
    }
  }

  /** No answer to a request sent after the end has the override; none from before lacks it. */
  private void changesExactlyAt(Instant end, List<ApiReplica> replicas) throws Exception {
    while (Instant.now().isBefore(end.plusMillis(500))) {
      for (ApiReplica replica : replicas) {
        Instant sentAt = Instant.now();
        String budget = replica.get(key, WORKSPACE).field("daily_budget_usd");
        if (Instant.now().isBefore(end)) {
          assertThat(budget).isEqualTo("9");
        } else if (sentAt.isAfter(end)) {
          assertThat(budget).isEqualTo("1");
        }
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** The audit rows of overrides that are no more. */
  private List<JsonNode> endings(ApiReplica replica) throws Exception {
    return StreamSupport.stream(
            replica.get(key, "/v1/audit?limit=500").json().path("items").spliterator(), false)
        .filter(row -> row.path("layer").asText().equals("Override"))
        .filter(row -> row.path("after").isNull())
        .toList();
  }
}
