package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.cap;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.DistributionDatabase;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A backlog of dead runs, as after an outage, is worked off at a steady rate, and runs start
 * meanwhile. The system property {@code dead.runs} is its size.
 */
class DeadRunsIT {
  private static final int RUNS = Integer.getInteger("dead.runs", 2_000);
  private static final int OF_EACH = 50;

  @ParameterizedTest
  @CsvSource({"the build's, false", "the build's, true", "the distribution's, false"})
  void aBacklogIsWorkedOffWhileRunsStart(String server, boolean ofOne) throws Exception {
    String url =
        server.equals("the build's")
            ? SharedDatabase.create()
            : DistributionDatabase.create(Map.of(), "");
    new Migrations(DatabaseSettings.of(url)).migrate(Duration.ofSeconds(10), _ -> {});
    try (GateFixture db = GateFixture.on(url);
        Gate gate = db.gate()) {
      int workspaces = ofOne ? 1 : RUNS / OF_EACH;
      UUID full = db.workspace(cap(3));
      try (Connection patient =
              ConnectionSource.forAudits(db.settings.forAudits()).getConnection();
          Statement statement = patient.createStatement()) {
        statement.execute(backlog(workspaces, RUNS / workspaces, full));
      }
      long begin = System.nanoTime();
      try (Reaper _ = Reaper.start(db.database, gate)) {
        for (int i = 0; i < 3; i++) {
          started(gate.start(run(full, "ada")));
        }
        await()
            .atMost(Duration.ofMinutes(10))
            .until(
                () ->
                    db.query("SELECT sum(active_runs) FROM workspace WHERE namespace = 'dead'")
                        .getFirst(),
                "0"::equals);
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      System.out.printf(
          "%s: %,d dead runs of %,d workspaces in %.1f s: %,.0f/s%n",
          server, RUNS, workspaces, seconds, RUNS / seconds);
      assertThat(db.query("SELECT count(*) FROM run WHERE status = 'running' AND user_id <> 'ada'"))
          .containsExactly("0");
      for (String books : new String[] {"workspace_day", "user_day", "run_day"}) {
        assertThat(
                db.query(
                    "SELECT concat_ws(' ', sum(spent_micro_usd), sum(reserved_micro_usd)) FROM "
                        + books))
            .containsExactly((RUNS + 3) * 10_000L + " 0");
      }
    }
  }

  /** The oldest dead runs are one workspace's, and so are the newest. */
  @Test
  void whoseDeathIsNeitherOldNorNewIsFoundThough() throws Exception {
    String url = SharedDatabase.create();
    new Migrations(DatabaseSettings.of(url)).migrate(Duration.ofSeconds(10), _ -> {});
    try (GateFixture db = GateFixture.on(url)) {
      UUID full = db.workspace();
      UUID between = db.workspace();
      UUID alive = db.workspace();
      db.execute(runs(full, 1500, "1 minute"));
      db.execute(runs(between, 1, "5 minutes"));
      db.execute(runs(full, 1500, "9 minutes"));
      db.execute(runs(alive, 10, "-9 minutes"));
      DeadRunSearch search = new DeadRunSearch(db.database);
      for (int i = 0; i < 2; i++) {
        assertThat(search.next()).containsExactly(full, between);
      }
      db.execute("UPDATE run SET status = 'expired', finished_at = now() WHERE user_id = 'ada'");
      assertThat(search.next()).isEmpty();
    }
  }

  private static String runs(UUID workspace, int count, String age) {
    return """
    INSERT INTO run (workspace_id, run_id, user_id, lease_seconds, status, started_at, lease_expires_at)
    SELECT '%s', (left(first_id_of((operator_clock() AT TIME ZONE 'UTC')::date)::text, 13)
            || right(gen_random_uuid()::text, 23))::uuid,
        'ada', 30, 'running', now() - interval '10 minutes', now() - interval '%s'
    FROM generate_series(1, %d)
    """
        .formatted(workspace, age, count);
  }

  /** Workspaces with so many dead runs each, and one with three; each run has an open step. */
  private static String backlog(int workspaces, int runs, UUID full) {
    return """
    INSERT INTO workspace (
        workspace_id, cluster, namespace, resource_name, slug, state, resource_uid, resource_generation,
        controller_epoch, plan, deletion_policy, revision, declared_revision, created_at, updated_at)
    SELECT gen_random_uuid(), 'default', 'dead', 'dead-' || n, 'dead-' || n, 'PRESENT', 'uid', 1, 1,
        'Enterprise', 'Retain', 1, 1, now(), now()
    FROM generate_series(1, WORKSPACES) n;
    INSERT INTO run (workspace_id, run_id, user_id, lease_seconds, status, started_at, lease_expires_at)
    SELECT workspace_id,
        (left(first_id_of((operator_clock() AT TIME ZONE 'UTC')::date)::text, 13)
            || right(gen_random_uuid()::text, 23))::uuid,
        'user-' || n % 20, 30, 'running', now() - interval '2 minutes', now() - random() * interval '1 minute'
    FROM generate_series(1, RUNS) n, workspace
    WHERE namespace = 'dead' OR workspace_id = 'FULL' AND n <= 3;
    INSERT INTO run_day (workspace_id, run_id, day, spent_micro_usd, reserved_micro_usd)
    SELECT workspace_id, run_id, (operator_clock() AT TIME ZONE 'UTC')::date, 0, 10000 FROM run;
    INSERT INTO user_day (workspace_id, user_id, day, spent_micro_usd, reserved_micro_usd)
    SELECT workspace_id, user_id, (operator_clock() AT TIME ZONE 'UTC')::date, 0, count(*) * 10000
    FROM run GROUP BY workspace_id, user_id;
    INSERT INTO workspace_day (workspace_id, day, spent_micro_usd, reserved_micro_usd)
    SELECT workspace_id, (operator_clock() AT TIME ZONE 'UTC')::date, 0, count(*) * 10000
    FROM run GROUP BY workspace_id;
    UPDATE workspace SET active_runs = runs
    FROM (SELECT workspace_id, count(*) AS runs FROM run GROUP BY workspace_id) r
    WHERE r.workspace_id = workspace.workspace_id;
    """
        .replace("WORKSPACES", Integer.toString(workspaces))
        .replace("RUNS", Integer.toString(runs))
        .replace("FULL", full.toString());
  }
}
