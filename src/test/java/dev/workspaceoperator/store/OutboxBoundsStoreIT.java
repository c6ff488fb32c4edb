package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.Sql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An outbox of a million events whose receivers are down: whoever sends reads what it needs of it
 * and no more, and whoever writes into it reads nothing. {@code -Doutbox.rows=1000000} is the full
 * size.
 */
class OutboxBoundsStoreIT {
  private static final int ROWS = Integer.getInteger("outbox.rows", 20_000);
  private static final int LANES = 1_000;
  private static final Path GATE = Path.of("src/main/resources/sql/gate");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static StoreFixture db;

  /** Three quarters for the installation's receiver, a quarter for one of each workspace's own. */
  @BeforeAll
  static void fill() throws InterruptedException, SQLException {
    db = StoreFixture.open();
    String rows =
        """
        INSERT INTO workspace (
            workspace_id, cluster, namespace, resource_name, slug, state, resource_uid, resource_generation,
            controller_epoch, plan, deletion_policy, declared_notifications, revision, declared_revision,
            created_at, updated_at)
        SELECT lpad(to_hex(n), 32, '0')::uuid, 'default', 'team', 'r' || n, 's' || n, 'PRESENT', 'uid', 1,
            1, 'Scale', 'Retain', '[{"name": "own", "url": "https://hooks.example.com/", "key": "team"}]', 1, 1,
            now(), now()
        FROM generate_series(1, %1$d) AS n;
        INSERT INTO notification (workspace_id, type, "time", data, once, spread)
        SELECT lpad(to_hex(1 + n %% %1$d), 32, '0')::uuid, 'kill-switch.activated',
            operator_clock() - interval '5 days' + n * interval '5 days' / %2$d, '{}',
            CASE WHEN n %% 10 = 0 THEN 'once/' || n END, n < %2$d - 2000
        FROM generate_series(1, %2$d) AS n;
        INSERT INTO notification_delivery (receiver, workspace_id, seq)
        SELECT CASE WHEN seq %% 4 = 0 THEN 'workspace/own' ELSE 'ops' END, workspace_id, seq
        FROM notification WHERE spread;
        INSERT INTO notification_lane (receiver, workspace_id, due_at, failures)
        SELECT receiver, workspace_id, operator_clock() - interval '1 minute', (random() * 2)::integer
        FROM notification_delivery GROUP BY receiver, workspace_id;
        INSERT INTO notification_lane (receiver, workspace_id, due_at, failures)
        SELECT receiver, workspace_id, operator_clock() + interval '1 hour', 1
        FROM workspace, (VALUES ('later'), ('workspace/later')) AS other (receiver);
        ANALYZE;
        """
            .formatted(LANES, ROWS);
    try (Connection connection = ConnectionSource.forWork(db.settings.forAudits()).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(rows);
    }
  }

  @AfterAll
  static void close() {
    db.close();
  }

  static Stream<Arguments> statements() {
    Map<String, String> lane =
        Map.of(
            "receiver", "'ops'",
            "workspace_id", "'%s'".formatted(new UUID(0, 3)),
            "held_until", "now()");
    return Stream.of(
        arguments("toSpread", Map.of(), 1),
        arguments(
            "spread",
            Map.of(
                "receivers", "ARRAY['ops', 'ops']",
                "kinds", "ARRAY['kill-switch.%', 'budget.%']",
                "keys", "ARRAY['team']",
                "clusters", "ARRAY['default']",
                "namespaces", "ARRAY['team']",
                "events", "1000",
                "own_most", "1000"),
            // Each event, its update, and what waits for a workspace's own receiver, to its bound.
            1_000 * 4 + LANES * 3 + Math.min(ROWS, LANES * 1_000)),
        arguments("due", Map.of("receivers", "ARRAY['ops', 'later', 'none']"), 1),
        arguments(
            "claim", Map.of("receiver", "'ops'", "lanes", "4", "claim_millis", "60000"), 4 * 3),
        arguments("claim", Map.of("receiver", "'later'", "lanes", "4", "claim_millis", "60000"), 0),
        arguments(
            "claimOfWorkspaces",
            Map.of("failing", "true", "lanes", "8", "claim_millis", "60000"),
            8 * 4),
        arguments("oldest", with(lane, Map.of("events", "20", "keep_seconds", "259200")), 20 * 3),
        arguments("delivered", with(lane, Map.of("seqs", "ARRAY[1, 2, 3]")), 4),
        arguments("lockLane", lane, 1),
        arguments("releaseEmpty", with(lane, Map.of("failures", "0")), 2),
        arguments("release", with(lane, Map.of("failures", "1", "wait_millis", "1000")), 2),
        arguments(
            "backlog",
            Map.of("receivers", "ARRAY['ops']", "most", "1000"),
            // The rows that are counted, and as many of which one is the oldest.
            4 * 1_000),
        arguments("forget", Map.of("events", "1000"), 3 * 1_000),
        // Nothing is as old as that.
        arguments("forgetOnce", Map.of("events", "1000"), 0),
        arguments("forgetLanes", Map.of("receivers", "ARRAY['ops']", "lanes", "1000"), 0));
  }

  private static Map<String, String> with(Map<String, String> some, Map<String, String> others) {
    Map<String, String> all = new HashMap<>(some);
    all.putAll(others);
    return all;
  }

  @ParameterizedTest
  @MethodSource("statements")
  void readsToABound(String name, Map<String, String> values, int rowsMax) throws Exception {
    String text = Files.readString(Path.of("src/main/resources/sql/notification", name + ".sql"));
    for (String parameter : Sql.load("notification/" + name).parameters()) {
      text = text.replaceAll("(?<!:):" + parameter + "\\b", values.get(parameter));
    }
    try (Connection connection = db.database.pool().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      ResultSet row = statement.executeQuery("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + text);
      row.next();
      JsonNode plan = JSON.readTree(row.getString(1)).get(0).path("Plan");
      connection.rollback();

      assertThat(rowsRead(plan)).as("%s", plan).isLessThanOrEqualTo(rowsMax);
    }
  }

  /** What was taken from tables and indexes, also what was then left out. */
  private static double rowsRead(JsonNode node) {
    double rows = 0;
    if (node.has("Relation Name") && node.path("Node Type").asText().contains("Scan")) {
      rows =
          (node.path("Actual Rows").asDouble()
                  + node.path("Rows Removed by Filter").asDouble()
                  + node.path("Rows Removed by Index Recheck").asDouble())
              * node.path("Actual Loops").asDouble();
    }
    for (JsonNode child : node.path("Plans")) {
      rows += rowsRead(child);
    }
    return rows;
  }

  /** What is admitted never waits for what is told. */
  @Test
  void theGateNeitherReadsNorWritesTheOutbox() throws IOException {
    try (Stream<Path> files = Files.list(GATE)) {
      List<Path> all = files.toList();
      assertThat(all).isNotEmpty();
      for (Path file : all) {
        assertThat(Files.readString(file)).as("%s", file).doesNotContain("notification");
      }
    }
  }

  /** Its trigger writes one row, whatever waits. */
  @Test
  void whatHappensIsWrittenWithoutALookAtWhatWaits() throws Exception {
    try (Connection connection = db.database.pool().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      ResultSet row =
          statement.executeQuery(
              "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) INSERT INTO audit (workspace_id,"
                  + " seq, \"time\", actor, layer, field, after, previous_hash, hash) VALUES ('"
                  + new UUID(0, 3)
                  + "', 99, now(), 'a', 'Runtime', 'kill_switch', 'true', '', '')");
      row.next();
      JsonNode plan = JSON.readTree(row.getString(1)).get(0);
      connection.rollback();

      // A handful of pages of each index.
      assertThat(plan.at("/Plan/Shared Hit Blocks").asInt()).as("%s", plan).isLessThan(100);
      assertThat(plan.path("Triggers").findValuesAsText("Trigger Name")).contains("audit_notifies");
    }
  }
}
