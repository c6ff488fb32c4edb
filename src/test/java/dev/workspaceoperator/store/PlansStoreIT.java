package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What requests ask often can be answered through an index, however large a table grows: with
 * sequential scans discouraged, none is left in the generic plan but that of the one-row table.
 */
class PlansStoreIT {
  private static final UUID ID = new UUID(1, 1);
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException, SQLException {
    db = StoreFixture.open();
    UUID workspace = db.accept(Manifests.fresh()).id();
    db.execute(
        "INSERT INTO workspace_override SELECT '%s', gen_random_uuid(), 'max_concurrent_runs', 1, 'why',"
                .formatted(workspace)
            + " 'test', now(), now() + n * interval '1 minute' FROM generate_series(1, 2000) AS n");
    db.execute("ANALYZE workspace_override");
  }

  @AfterAll
  static void close() {
    db.close();
  }

  static Stream<Arguments> statements() {
    return Stream.of(
        row(
            "runtime/snapshots",
            call -> call.uuids("workspace_ids", List.of(ID)),
            "workspace_pkey",
            "workspace_override_open",
            "api_key_of_workspace"),
        row("runtime/lockWorkspace", call -> call.uuid("workspace_id", ID), "workspace_pkey"),
        row(
            "directory/keyHolders",
            call -> call.byteStrings("digests", List.of(new byte[32])),
            "api_key_pkey"),
        row("directory/withSlug", call -> call.text("slug", "s"), "workspace_slug_held"),
        row(
            "directory/inNamespace",
            call -> call.text("cluster", "c").text("namespace", "n"),
            "workspace_identity"),
        row(
            "fleet/page",
            call ->
                call.text("cluster", "c")
                    .text("namespace", "n")
                    .text("resource_name", "r")
                    .integer("rows", 5),
            "workspace_identity"),
        row(
            "audit/page",
            call -> call.uuid("workspace_id", ID).bigint("before_seq", 9L).integer("rows", 5),
            "audit_pkey"),
        row("overrides/ending", call -> call.integer("workspaces", 5), "workspace_override_ending"),
        row(
            "overrides/live",
            call ->
                call.uuid("workspace_id", ID)
                    .time("before_time", NOW)
                    .uuid("before_id", ID)
                    .integer("rows", 5),
            "workspace_override_"),
        row(
            "apikeys/live",
            call ->
                call.uuid("workspace_id", ID)
                    .time("before_time", NOW)
                    .uuid("before_id", ID)
                    .integer("rows", 5),
            "api_key_of_workspace"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statements")
  void goesThroughItsIndexes(String name, Binding binding, List<String> indexes)
      throws SQLException {
    String plan = String.join("\n", explain("EXPLAIN ", name, binding));

    assertThat(plan).contains(indexes);
    assertThat(plan.replace("Seq Scan on platform", "")).doesNotContain("Seq Scan");
  }

  @Test
  void anIdempotencyKeyIsLookedForInFourDaysOnly() throws SQLException {
    Instant now =
        Instant.parse(
            db.query("SELECT to_json(operator_clock() AT TIME ZONE 'UTC')#>>'{}' || 'Z'")
                .getFirst());
    List<String> plan =
        explain(
            "EXPLAIN (ANALYZE, TIMING OFF) ",
            "idempotency/find",
            call -> call.uuid("workspace_id", ID).text("key", "k").time("now", now));

    // Of today and the seven days that lie ahead only today's is left.
    assertThat(plan).filteredOn(line -> line.contains("Scan")).hasSize(1);
    assertThat(String.join("\n", plan)).contains("_pkey").doesNotContain("Seq Scan");
  }

  private static List<String> explain(String explain, String name, Binding binding)
      throws SQLException {
    Sql loaded = Sql.load(name);
    Sql explained = new Sql(explain + loaded.text(), loaded.parameters());
    try (Connection connection = db.database.pool().getConnection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET LOCAL enable_seqscan = off");
        statement.execute("SET LOCAL plan_cache_mode = force_generic_plan");
      }
      try (Call call = Call.of(connection, explained)) {
        ResultSet row = binding.bind(call).run().nextRows();
        List<String> lines = new ArrayList<>();
        while (row.next()) {
          lines.add(row.getString(1));
        }
        return lines;
      } finally {
        connection.rollback();
      }
    }
  }

  private static Arguments row(String name, Binding binding, String... indexes) {
    return arguments(name, binding, List.of(indexes));
  }

  /** Binds a statement's parameters. */
  interface Binding {
    Call bind(Call call) throws SQLException;
  }
}
