package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which of several controllers leads, and what the others do not do. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LeadershipIT {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);
  private static final Duration TAKEN_OVER_WITHIN = Duration.ofSeconds(15);
  private static final Duration HANDED_OVER_WITHIN = Duration.ofSeconds(5);

  @RegisterExtension final RoleProcesses controllers = RoleProcesses.ofEachTest();

  @Test
  void anotherTakesOverAfterAKill() throws Exception {
    try (TeamWorkspace bench =
        TeamWorkspace.open(SharedKubeApiServer.get(), "leader-killed", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 5}");
      Pair pair = startPair(bench);

      pair.leader().kill();
      bench.declareBudget(7);

      await().atMost(TAKEN_OVER_WITHIN).until(() -> bench.isSynced());
      assertThat(bench.storedBudget()).containsExactly("7");
      assertThat(pair.standby().isLeading()).isTrue();
    }
  }

  @Test
  @Tag("long")
  void aLeaderThatWasPausedPastItsLeaseEndsAndWritesNothing() throws Exception {
    try (TeamWorkspace bench =
        TeamWorkspace.open(SharedKubeApiServer.get(), "leader-paused", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 5}");
      Pair pair = startPair(bench);

      pair.leader().pause();
      await().atMost(TAKEN_OVER_WITHIN).until(pair.standby()::isLeading);
      bench.declareBudget(7);
      await().atMost(TAKEN_OVER_WITHIN).until(bench::isSynced);
      String before = everythingWritten(bench);
      assertThat(pair.leader().isAlive()).isTrue();
      // It wakes to find a change that it has not seen yet.
      pair.leader().goOn();

      await().atMost(TAKEN_OVER_WITHIN).until(() -> !pair.leader().isAlive());
      assertThat(pair.leader().exitCode()).isEqualTo(ControllerRole.EXIT_REPLACED);
      assertThat(everythingWritten(bench)).isEqualTo(before);
      assertThat(bench.storedBudget()).containsExactly("7");
      assertThat(pair.standby().isLeading()).isTrue();
    }
  }

  @Test
  @Tag("long")
  void anEarlierControllerThatRunsOnBesideANewOneEndsAtItsNextWriteAndWritesNothing()
      throws Exception {
    try (TeamWorkspace bench =
        TeamWorkspace.open(SharedKubeApiServer.get(), "leader-upgraded", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 5}");
      // Neither asks for the Lease, so that nothing but the epoch tells them apart.
      RoleProcess earlier = controllers.start(bench.aloneOptions());
      await().atMost(STARTED_WITHIN).until(bench::isSynced);
      String epoch = epoch(bench);

      RoleProcess newer = controllers.start(bench.aloneOptions());
      await().atMost(STARTED_WITHIN).until(newer::isLeading);
      assertThat(epoch(bench)).isNotEqualTo(epoch);
      bench.declareBudget(7);

      await().atMost(TAKEN_OVER_WITHIN).until(() -> !earlier.isAlive());
      assertThat(earlier.exitCode()).isEqualTo(ControllerRole.EXIT_REPLACED);
      await().atMost(TAKEN_OVER_WITHIN).until(bench::isSynced);
      assertThat(bench.storedBudget()).containsExactly("7");
      assertThat(newer.isAlive()).isTrue();
      assertThat(bench.query("SELECT count(*) FROM audit WHERE after::text LIKE '%7%'"))
          .as("the change is written once")
          .containsExactly("1");
    }
  }

  @Test
  @Tag("long")
  void handsOverAtOnceWhenItIsStopped() throws Exception {
    try (TeamWorkspace bench =
        TeamWorkspace.open(SharedKubeApiServer.get(), "leader-stopped", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 5}");
      Pair pair = startPair(bench);
      bench.declareBudget(7);

      pair.leader().terminate();

      await().atMost(HANDED_OVER_WITHIN).until(pair.standby()::isLeading);
      await().atMost(HANDED_OVER_WITHIN).until(bench::isSynced);
      await().atMost(STARTED_WITHIN).until(() -> !pair.leader().isAlive());
      assertThat(bench.storedBudget()).containsExactly("7");
    }
  }

  /** Two controllers; the one that was started first leads, and the Workspace is in force. */
  private Pair startPair(TeamWorkspace bench) {
    RoleProcess leader = controllers.start(bench.electedOptions());
    await().atMost(STARTED_WITHIN).until(leader::isLeading);
    await().atMost(STARTED_WITHIN).until(bench::isSynced);
    RoleProcess standby = controllers.start(bench.electedOptions());
    await().atMost(STARTED_WITHIN).until(() -> standby.log().contains("Leader observed"));
    assertThat(standby.isLeading()).isFalse();
    return new Pair(leader, standby);
  }

  private static String epoch(TeamWorkspace bench) throws SQLException {
    return String.join(",", bench.query("SELECT controller_epoch FROM cluster"));
  }

  /** All of the resource, with its version and who wrote what when, and all of its store. */
  private static String everythingWritten(TeamWorkspace bench) throws SQLException {
    List<String> rows =
        bench.query(
            "SELECT row_to_json(workspace)::text FROM workspace"
                + " UNION ALL SELECT row_to_json(audit)::text FROM audit"
                + " UNION ALL SELECT row_to_json(cluster)::text FROM cluster");
    return Serialization.asYaml(bench.workspace()) + String.join("\n", rows);
  }

  private record Pair(RoleProcess leader, RoleProcess standby) {}
}
