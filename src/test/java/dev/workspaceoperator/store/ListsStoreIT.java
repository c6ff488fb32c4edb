package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.Partitions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A page of a list is read without the rest of the list, with every filter that the list has and
 * from wherever it begins, also where nothing is discouraged and statistics say that one value is
 * all there is. {@code -Dlists.rows=1000000} makes the lists as long as that.
 */
class ListsStoreIT {
  private static final int LIST_ROWS = Integer.getInteger("lists.rows", 50_000);
  private static final int PAGE_ROWS = 20;

  /** A few pages of an index for each partition, and the rows: far less than a whole index has. */
  private static final long BLOCKS_MAX = 300;

  /** As many for a user's runs, which are merged from five lists with a row too many each. */
  private static final double ROWS_READ_MAX = 10 * PAGE_ROWS;

  private static final String MEASURED = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)";
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final String DAY = "'2026-01-31'";
  private static final String NOBODYS_ID = quoted(new UUID(1, 1));
  private static final ObjectMapper JSON = new ObjectMapper();

  private static StoreFixture db;
  private static UUID large;
  private static UUID small;

  @BeforeAll
  static void open() throws InterruptedException, SQLException {
    db = StoreFixture.open();
    // As many partitions as the runs are filled over, whatever day it was when they were made.
    Partitions.ofRuns(db.database).makeAhead();
    large = db.accept(Manifests.fresh()).id();
    small = db.accept(Manifests.fresh()).id();
    fill(large, LIST_ROWS);
    fill(small, 12);
    runsThatGoOn(db.accept(Manifests.fresh()).id());
    execute("ANALYZE");
  }

  @AfterAll
  static void close() {
    db.close();
  }

  static Stream<Arguments> pages() {
    Map<String, String> runsDown = Map.of("before", quoted(firstRunOfLastQuarter()));
    Map<String, String> newestDown =
        Map.of(
            "before_time", quoted(NOW.minusSeconds(LIST_ROWS * 3L / 4)), "before_id", NOBODYS_ID);
    return Stream.of(
        arguments("gate/runPage", Map.of(), runsDown),
        arguments("gate/runPageOfUser", Map.of("user_id", "'common'"), runsDown),
        arguments("gate/runPageOfUser", Map.of("user_id", "'rare'"), runsDown),
        arguments("gate/runPageOfUser", Map.of("user_id", "'nobody'"), runsDown),
        arguments("gate/runPageOfEnded", Map.of("status", "'succeeded'"), runsDown),
        arguments("gate/runPageOfEnded", Map.of("status", "'failed'"), runsDown),
        arguments("gate/runPageOfEnded", Map.of("status", "'expired'"), runsDown),
        arguments("gate/runPageOfRunning", Map.of(), runsDown),
        arguments(
            "gate/runPageOfUserAndStatus",
            Map.of("user_id", "'common'", "status", "'failed'"),
            runsDown),
        arguments(
            "gate/runPageOfUserAndStatus",
            Map.of("user_id", "'common'", "status", "'running'"),
            runsDown),
        arguments(
            "gate/runPageOfUserAndStatus",
            Map.of("user_id", "'rare'", "status", "'succeeded'"),
            runsDown),
        arguments("gate/userPage", Map.of("day", DAY), Map.of("after", "'75'")),
        arguments("gate/userOfDay", Map.of("day", DAY, "user_id", "'7'"), Map.of("after", "'6'")),
        arguments("audit/page", Map.of(), Map.of("before_seq", Integer.toString(LIST_ROWS / 4))),
        arguments(
            "overrides/live",
            Map.of(
                "known_settings", "'{daily_budget_usd,user_daily_budget_usd,max_concurrent_runs}'"),
            newestDown),
        arguments("apikeys/live", Map.of(), newestDown),
        arguments("audit/heads", Map.of(), Map.of()),
        arguments("gate/workspacesWithDeadRuns", Map.of("from_time", "'epoch'"), Map.of()),
        arguments(
            "gate/nextWorkspacesWithRuns",
            Map.of("after", NOBODYS_ID, "steps", "500"),
            Map.of("after", "'ffffffff-0000-0000-0000-000000000000'")));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("pages")
  void aPageIsReadWithoutTheRestOfItsList(
      String name, Map<String, String> filters, Map<String, String> down) throws Exception {
    for (UUID workspace : List.of(large, small)) {
      for (Map<String, String> from : List.of(Map.<String, String>of(), down)) {
        Map<String, String> values = new HashMap<>(filters);
        values.putAll(from);
        values.put("workspace_id", quoted(workspace));
        values.put("rows", Integer.toString(PAGE_ROWS));
        String plan =
            GenericPlan.of(db.database, MEASURED, name, values, "enable_seqscan = on", "jit = off");
        JsonNode root = JSON.readTree(plan).path(0).path("Plan");

        assertThat(blocks(root)).as(plan).isBetween(1L, BLOCKS_MAX);
        assertThat(rowsRead(root)).as(plan).isLessThan(ROWS_READ_MAX);
      }
    }
  }

  private static long blocks(JsonNode plan) {
    return plan.path("Shared Hit Blocks").asLong() + plan.path("Shared Read Blocks").asLong();
  }

  /** By every scan of a table, with what a filter takes away. */
  private static double rowsRead(JsonNode plan) {
    double rows =
        plan.has("Relation Name")
            ? plan.path("Actual Loops").asDouble()
                * (plan.path("Actual Rows").asDouble()
                    + plan.path("Rows Removed by Filter").asDouble())
            : 0;
    for (JsonNode child : plan.path("Plans")) {
      rows += rowsRead(child);
    }
    return rows;
  }

  /** Long lists in no order, of which hardly a row differs from the others. */
  private static void fill(UUID workspace, int rows) throws SQLException {
    // Evenly over the eight days that there are partitions for.
    execute(
        """
        INSERT INTO run (
            workspace_id, run_id, user_id, lease_seconds, status, started_at, lease_expires_at, finished_at)
        SELECT '%1$s', (lpad(to_hex(ms), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
            CASE n %% (%2$d / 4) WHEN 1 THEN 'rare' ELSE 'common' END, 30, status, now(), now(),
            CASE WHEN status <> 'running' THEN now() END
        FROM generate_series(0, %2$d - 1) AS n
        CROSS JOIN LATERAL (
            SELECT (extract(epoch FROM (operator_clock() AT TIME ZONE 'UTC')::date::timestamp) * 1000)::bigint
                + n * (8 * 86400000::bigint / %2$d) AS ms) at
        CROSS JOIN LATERAL (
            SELECT CASE n %% (%2$d / 3)
                WHEN 2 THEN 'running' WHEN 3 THEN 'failed' ELSE 'succeeded' END AS status) ended
        ORDER BY hashint4(n)
        """
            .formatted(workspace, rows));
    execute(
        "INSERT INTO user_day SELECT '%s', %s, n::text, 1, 1 FROM generate_series(1, %d) AS n ORDER BY hashint4(n)"
            .formatted(workspace, DAY, rows));
    execute(
        """
        INSERT INTO audit
        SELECT '%s', n, now(), 'test', 'Runtime', 'name', NULL, NULL, NULL, NULL, '', ''
        FROM generate_series(1000, 999 + %d) AS n
        ORDER BY hashint4(n)
        """
            .formatted(workspace, rows));
    execute(
        """
        INSERT INTO workspace_override
        SELECT '%s', gen_random_uuid(), 'max_concurrent_runs', 1, 'why', 'test',
            timestamptz '%s' - n * interval '1 s', operator_clock() + interval '1 day'
        FROM generate_series(1, %d) AS n
        ORDER BY hashint4(n)
        """
            .formatted(workspace, NOW, rows));
    execute(
        """
        INSERT INTO api_key
        SELECT sha256((n || '%1$s')::bytea), gen_random_uuid(), '%1$s', 'key', '{runs:write}', 'Runtime',
            timestamptz '%2$s' - n * interval '1 s'
        FROM generate_series(1, %3$d) AS n
        ORDER BY hashint4(n)
        """
            .formatted(workspace, NOW, rows));
  }

  /** None of them is dead, and none of them is on a page. */
  private static void runsThatGoOn(UUID workspace) throws SQLException {
    execute(
        """
        INSERT INTO run (workspace_id, run_id, user_id, lease_seconds, status, started_at, lease_expires_at)
        SELECT '%s', (left(first_id_of((operator_clock() AT TIME ZONE 'UTC')::date)::text, 24)
                || lpad(to_hex(n), 12, '0'))::uuid,
            'common', 30, 'running', now(), operator_clock() + interval '1 year'
        FROM generate_series(1, 30000) AS n
        """
            .formatted(workspace));
  }

  /** However long it takes. */
  private static void execute(String sql) throws SQLException {
    try (Connection connection = ConnectionSource.forAudits(db.settings).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static UUID firstRunOfLastQuarter() {
    try {
      return UUID.fromString(
          db.query(
                  "SELECT run_id FROM run WHERE workspace_id = '%s' ORDER BY run_id LIMIT 1 OFFSET %d"
                      .formatted(large, LIST_ROWS / 4))
              .getFirst());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String quoted(Object value) {
    return "'%s'".formatted(value);
  }
}
