package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.sql.SQLException;
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
 * What requests ask often can be answered through an index, however large a table grows: with
 * sequential scans discouraged, none is left in the generic plan but that of the one-row table.
 */
class PlansStoreIT {
  private static final UUID ID = new UUID(1, 1);
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException, SQLException {
    db = StoreFixture.open();
    // As many as make a plan matter.
    for (int i = 0; i < 50; i++) {
      UUID workspace = db.accept(Manifests.fresh()).id();
      db.execute(
          """
          INSERT INTO workspace_override
          SELECT '%s', gen_random_uuid(), 'max_concurrent_runs', 1, 'why', 'test', now(),
              now() + n * interval '1 minute'
          FROM generate_series(1, 40) AS n
          """
              .formatted(workspace));
      db.execute(
          """
          INSERT INTO api_key
          SELECT sha256((n || '%1$s')::bytea), gen_random_uuid(), '%1$s', 'key', '{runs:write}', 'Declared', now()
          FROM generate_series(1, 40) AS n
          """
              .formatted(workspace));
    }
    db.execute("ANALYZE");
  }

  @AfterAll
  static void close() {
    db.close();
  }

  static Stream<Arguments> statements() {
    return Stream.of(
        arguments(
            "runtime/snapshots",
            // Of the two indexes of a workspace's keys either will do.
            List.of("workspace_pkey", "workspace_override_open", "api_key_")),
        arguments("runtime/lockWorkspace", List.of("workspace_pkey")),
        arguments("directory/keyHolders", List.of("api_key_pkey")),
        arguments("directory/withSlugs", List.of("workspace_slug_held")),
        arguments("directory/inNamespaces", List.of("workspace_identity")),
        arguments("fleet/page", List.of("workspace_identity")),
        arguments("overrides/ending", List.of("workspace_override_ending")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statements")
  void goesThroughItsIndexes(String name, List<String> indexes) throws SQLException {
    String plan = GenericPlan.of(db.database, "EXPLAIN", name, Map.of(), "enable_seqscan = off");

    assertThat(plan).contains(indexes);
    assertThat(plan.replace("Seq Scan on platform", "")).doesNotContain("Seq Scan");
  }

  @Test
  void anIdempotencyKeyIsLookedForInFourDaysOnly() throws SQLException {
    // The first of the days that there are partitions for.
    String now =
        db.query(
                "SELECT min(right(inhrelid::regclass::text, 8)::date) || ' 12:00:00Z' FROM pg_inherits"
                    + " WHERE inhparent = 'idempotency_key'::regclass")
            .getFirst();
    String plan =
        GenericPlan.of(
            db.database,
            "EXPLAIN (ANALYZE, TIMING OFF)",
            "idempotency/find",
            Map.of(
                "workspace_id", "'%s'".formatted(ID), "key", "'k'", "now", "'%s'".formatted(now)),
            "enable_seqscan = off");

    // Of that day and the seven that lie ahead only that day's is left.
    assertThat(plan.lines()).filteredOn(line -> line.contains("Scan")).hasSize(1);
    assertThat(plan).contains("_pkey").doesNotContain("Seq Scan");
  }
}
