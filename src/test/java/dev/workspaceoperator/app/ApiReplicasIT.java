package dev.workspaceoperator.app;

import static dev.workspaceoperator.app.ApiCaller.API_KEYS;
import static dev.workspaceoperator.app.ApiCaller.WORKSPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiCaller.Reply;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two replicas of the role {@code api}, each a process of its own, on one database. */
@SuppressWarnings("NullAway.Init") // Set up before each test.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ApiReplicasIT {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);

  /** Requests that each worker has had answered before something happens to a replica. */
  private static final int UNDER_LOAD = 40;

  /** What is looked for is what the kill of a replica does, not what a busy machine does. */
  private static final String PATIENT = "--database-patience-seconds=10";

  @RegisterExtension final RoleProcesses processes = RoleProcesses.ofEachTest();

  private String databaseUrl;
  private ApiServer controller;

  @BeforeEach
  void openDatabase() throws InterruptedException {
    databaseUrl = SharedDatabase.create();
    controller = ApiServer.on(databaseUrl);
  }

  @AfterEach
  void closeDatabase() {
    controller.close();
  }

  @Test
  void losesNoAcknowledgedChangeWhenOneIsKilledUnderLoad() throws Exception {
    ApiReplica killed = replica(PATIENT);
    ApiReplica other = replica(PATIENT);
    List<ReplicaLoad.Target> targets = targets(4);
    try (ReplicaLoad onKilled = ReplicaLoad.start(killed, targets, it -> it.number() % 2 == 0);
        ReplicaLoad onOther = ReplicaLoad.start(other, targets, it -> it.number() % 2 == 1)) {
      onKilled.awaitMore(UNDER_LOAD);
      onOther.awaitMore(UNDER_LOAD);

      killed.process().kill();

      onKilled.awaitEnd();
      onOther.awaitMore(UNDER_LOAD);
      onOther.stop();
      assertThat(onOther.failures()).isEmpty();
      for (ReplicaLoad.Target target : targets) {
        List<JsonNode> audit = audit(other, target.key());
        assertThat(audit)
            .extracting(row -> row.path("request_id").asText())
            .doesNotHaveDuplicates();
        assertThat(audit)
            .extracting(row -> row.path("request_id").asText())
            .containsAll(onKilled.acknowledged(target))
            .containsAll(onOther.acknowledged(target));
        Reply now = other.get(target.key(), WORKSPACE);
        assertThat(now.json().path("daily_budget_usd").decimalValue())
            .isEqualByComparingTo(newest(audit, "daily_budget_usd"));
        assertThat(now.field("kill_switch")).isEqualTo(newest(audit, "kill_switch"));
      }
    }
  }

  @Test
  void refusesARevokedKeyWithinASecondEverywhere() throws Exception {
    ApiReplica one = replica();
    ApiReplica two = replica();
    Declared workspace = controller.workspace(Plan.PRO);
    String maker = controller.keyWithAllScopes(workspace.id());
    JsonNode made =
        one.call(maker, "POST", API_KEYS, "{\"name\":\"ci\",\"scopes\":[\"workspace:read\"]}")
            .json();
    ApiKey declared = ApiKey.generate(new SecureRandom());
    Declared withKey =
        controller.declare(
            workspace.withKeys(
                new DeclaredApiKey(
                    "git", declared.digest(), Set.of(Scope.WORKSPACE_READ), Optional.empty())));

    assertThat(status(made.path("key").asText(), one, two)).containsExactly(200, 200);
    one.call(maker, "DELETE", API_KEYS + "/" + made.path("id").asText(), "");
    await()
        .atMost(Duration.ofSeconds(1))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> status(made.path("key").asText(), one, two).equals(List.of(401, 401)));

    assertThat(status(declared.reveal(), one, two)).containsExactly(200, 200);
    controller.declare(withKey.withKeys());
    await()
        .atMost(Duration.ofSeconds(1))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> status(declared.reveal(), one, two).equals(List.of(401, 401)));
  }

  @Test
  void waitsForTheDatabaseAsLongAsItIsToldTo() throws Exception {
    ApiReplica hasty = replica();
    ApiReplica patient = replica(PATIENT);
    Declared workspace = controller.workspace(Plan.PRO);
    String key = controller.keyWithAllScopes(workspace.id());

    try (Connection holder = Sessions.open(databaseUrl)) {
      hold(holder, workspace.id());
      var answer =
          ReplicaLoad.inBackground(
              () -> patient.call(key, "PATCH", WORKSPACE, "{\"daily_budget_usd\":6}"));
      await()
          .until(
              () -> patient.process().hasMetric("workspace_operator_http_requests_under_way 1.0"));

      assertThat(hasty.call(key, "PATCH", WORKSPACE, "{\"daily_budget_usd\":5}").status())
          .isEqualTo(503);
      holder.commit();

      Reply reply = answer.get(10, TimeUnit.SECONDS);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.field("daily_budget_usd")).isEqualTo("6");
    }
  }

  @Test
  void endsARequestThatIsUnderWayAndExitsInGoodOrder() throws Exception {
    ApiReplica replica = replica("--drain-delay-seconds=0");
    Declared workspace = controller.workspace(Plan.PRO);
    String key = controller.keyWithAllScopes(workspace.id());
    assertThat(replica.status(key)).isEqualTo(200);

    try (Connection holder = Sessions.open(databaseUrl)) {
      hold(holder, workspace.id());
      var answer =
          ReplicaLoad.inBackground(
              () -> replica.call(key, "PATCH", WORKSPACE, "{\"daily_budget_usd\":5}"));
      await()
          .until(
              () -> replica.process().hasMetric("workspace_operator_http_requests_under_way 1.0"));

      replica.process().terminate();
      await().until(() -> !replica.process().isReady());
      holder.commit();

      Reply reply = answer.get(10, TimeUnit.SECONDS);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.field("daily_budget_usd")).isEqualTo("5");
    }
    await().atMost(Duration.ofSeconds(15)).until(() -> !replica.process().isAlive());
    assertThat(replica.process().exitCode()).isZero();
  }

  @Test
  void answersEveryRequestThatWasSentWhileItWasReady() throws Exception {
    ApiReplica replica = replica(PATIENT, "--drain-delay-seconds=3");
    List<ReplicaLoad.Target> targets = targets(3);
    try (ReplicaLoad load = ReplicaLoad.start(replica, targets, _ -> true)) {
      load.awaitMore(UNDER_LOAD);

      replica.process().terminate();
      // Whoever routes requests looks at readiness, and then sends no more.
      await().pollInterval(Duration.ofMillis(100)).until(() -> !replica.process().isReady());
      load.stop();

      assertThat(load.failures()).isEmpty();
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> !replica.process().isAlive());
    assertThat(replica.process().exitCode()).isZero();
  }

  private ApiReplica replica(String... options) {
    ApiReplica replica = processes.api(databaseUrl, options);
    await().atMost(STARTED_WITHIN).until(replica.process()::isReady);
    return replica;
  }

  /** Locks the row of a workspace until the commit. */
  private static void hold(Connection holder, UUID workspaceId) throws SQLException {
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement()) {
      statement.execute(
          "SELECT 1 FROM workspace WHERE workspace_id = '%s' FOR UPDATE".formatted(workspaceId));
    }
  }

  private List<ReplicaLoad.Target> targets(int count) {
    List<ReplicaLoad.Target> targets = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      targets.add(
          new ReplicaLoad.Target(
              controller.keyWithAllScopes(controller.workspace(Plan.SCALE).id()), number));
    }
    return targets;
  }

  /** Every audit row of the runtime layer, newest first. */
  private static List<JsonNode> audit(ApiReplica replica, String key) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = replica.get(key, "/v1/audit?limit=500" + cursor).json();
      page.path("items").forEach(rows::add);
      cursor =
          page.path("next_cursor").isTextual()
              ? "&cursor=" + page.path("next_cursor").asText()
              : "";
    } while (!cursor.isEmpty());
    return rows.stream().filter(row -> row.path("layer").asText().equals("Runtime")).toList();
  }

  private static String newest(List<JsonNode> audit, String field) {
    return audit.stream()
        .filter(row -> row.path("field").asText().equals(field))
        .findFirst()
        .orElseThrow()
        .path("after")
        .asText();
  }

  private static List<Integer> status(String key, ApiReplica... replicas) {
    return Arrays.stream(replicas).map(replica -> replica.status(key)).toList();
  }
}
