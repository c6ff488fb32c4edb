package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.loop.Pause;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * As many workspaces as the controller's heap is for ({@code -Dfigures.workspaces=}), each named in
 * metrics: they are scraped as often as in earnest, and nothing ends the process. Prints how long a
 * scrape takes and how large it is.
 */
@Tag("long")
class FiguresScaleIT {
  private static final int WORKSPACES = Integer.getInteger("figures.workspaces", 10_000);
  private static final int CREATORS = 8;
  private static final int SCRAPES = 30;
  private static final Duration BETWEEN_SCRAPES = Duration.ofMillis(500);
  private static final Duration CONVERGED_WITHIN = Duration.ofMinutes(15);

  @RegisterExtension final RoleProcesses controllers = RoleProcesses.ofEachTest();

  @Test
  void everyWorkspaceIsScrapedAgainAndAgain(@TempDir Path directory) throws Exception {
    try (KubeApiServer server = TeamWorkspace.startServer(directory)) {
      WorkspaceCrd.install(server);
      Cluster cluster = new Cluster(server, SharedDatabase.create(), "many");
      create(server, cluster.namespace);
      RoleProcess controller =
          controllers.start(
              List.of(
                  "--database-url=" + cluster.databaseUrl,
                  "--kubeconfig=" + server.kubeconfig(),
                  "--cluster-name=many",
                  "--namespaces=" + cluster.namespace,
                  "--leader-election=false"));
      await()
          .atMost(CONVERGED_WITHIN)
          .pollInterval(Duration.ofSeconds(2))
          .until(() ->
              controller.hasMetric(
                  "workspace_operator_workspaces{state=\"present\"} " + (double) WORKSPACES));
      cluster.execute(
          "INSERT INTO workspace_day (workspace_id, day, spent_micro_usd, reserved_micro_usd)"
              + " SELECT workspace_id, (operator_clock() AT TIME ZONE 'UTC')::date - back, 2000000, 0"
              + " FROM workspace, generate_series(0, 30) back");
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> controller.hasMetric("workspace_operator_spent_usd " + 2.0 * WORKSPACES));

      long[] nanos = new long[SCRAPES];
      String text = "";
      for (int i = 0; i < SCRAPES; i++) {
        long startedAt = System.nanoTime();
        text = controller.metrics();
        nanos[i] = System.nanoTime() - startedAt;
        boolean _ = Pause.of(BETWEEN_SCRAPES);
      }
      Scrape scrape = Scrape.of(text);
      assertThat(scrape.family("workspace_operator_workspace_spent_usd").samples())
          .hasSize(WORKSPACES);
      assertThat(controller.isAlive()).isTrue();
      Arrays.sort(nanos);
      System.err.printf(
          "%d workspaces: a scrape has %d KiB and takes %d ms (median of %d), %d ms at most; %s; heap %s%n",
          WORKSPACES,
          text.length() / 1024,
          nanos[SCRAPES / 2] / 1_000_000,
          SCRAPES,
          nanos[SCRAPES - 1] / 1_000_000,
          scrape.family("workspace_operator_figures_read_seconds").samples(),
          scrape.family("jvm_memory_used_bytes").samples());
    }
  }

  private static void create(KubeApiServer server, String namespace) throws InterruptedException {
    try (KubernetesClient client =
            new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(server.kubeconfig().toFile()))
                .build();
        ExecutorService creators = Executors.newFixedThreadPool(CREATORS)) {
      for (int i = 0; i < WORKSPACES; i++) {
        String manifest =
            """
            apiVersion: workspace-operator.dev/v1
            kind: Workspace
            metadata: {name: team-%d, namespace: %s}
            spec: {plan: Pro, dailyBudgetUsd: 100, monthlyBudgetUsd: 2000, maxConcurrentRuns: 10}
            """
                .formatted(i, namespace);
        var _ =
            creators.submit(
                () -> client.resource(Serialization.unmarshal(manifest, Workspace.class)).create());
      }
    }
  }
}
