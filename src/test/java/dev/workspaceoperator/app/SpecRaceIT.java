package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Another writer races with the operator's own status writes; {@code -Drace.rounds=20
 * -Drace.changes=1000} for more.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class SpecRaceIT {
  private static final int CHANGES = Integer.getInteger("race.changes", 300);
  private static final int ROUNDS = Integer.getInteger("race.rounds", 1);
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(5);

  @RegisterExtension final RoleProcesses controllers = RoleProcesses.ofEachTest();

  @Test
  void theLastOfManyChangesIsNeverLost() throws Exception {
    try (TeamWorkspace bench =
        TeamWorkspace.open(SharedKubeApiServer.get(), "spec-race", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 0}");
      controllers.start(bench.aloneOptions());
      await().atMost(STARTED_WITHIN).until(bench::isSynced);

      for (int round = 1; round <= ROUNDS; round++) {
        long last = (long) round * CHANGES;
        for (long usd = last - CHANGES + 1; usd <= last; usd++) {
          bench.declareBudget(usd);
        }

        await("round " + round).atMost(SETTLED_WITHIN).until(bench::isSynced);
        Workspace workspace = bench.workspace();
        assertThat(workspace.getMetadata().getGeneration()).isEqualTo(1 + last);
        assertThat(bench.query("SELECT resource_generation FROM workspace"))
            .containsExactly(Long.toString(1 + last));
        assertThat(bench.storedBudget()).containsExactly(Long.toString(last));
      }
      // Otherwise nothing was raced with.
      long synced = Long.parseLong(bench.query("SELECT revision FROM workspace").getFirst());
      assertThat(synced).isGreaterThan(ROUNDS * 10L);
    }
  }
}
