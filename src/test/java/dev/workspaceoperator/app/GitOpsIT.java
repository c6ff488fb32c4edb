package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.helm.ArgoHealth;
import dev.workspaceoperator.helm.HelmCluster;
import dev.workspaceoperator.workspace.Scope;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the tools that own manifests make of Workspaces: Helm, Flux and Argo CD. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class GitOpsIT {
  /** Long enough for a flapping status to show; more by {@code -Dstill.seconds=60}. */
  private static final Duration STILL = Duration.ofSeconds(Long.getLong("still.seconds", 5));

  /** As Argo CD, Flux and Helm name themselves. */
  private static final List<String> FIELD_MANAGERS =
      List.of("argocd-controller", "kustomize-controller", "helm");

  private static final Duration HELM_TIMEOUT = Duration.ofMinutes(2);

  private static final String CHART = "src/test/resources/helm/workspace-chart";

  private static HelmCluster helm;
  private static Cluster cluster;
  private static ControllerRole controller;

  @BeforeAll
  static void start() throws InterruptedException {
    helm = HelmCluster.get();
    cluster = new Cluster(helm.server, SharedDatabase.create(), "gitops");
    controller = cluster.controller();
  }

  @AfterAll
  static void stop() {
    controller.close();
  }

  @Test
  void helmWaitsUntilWorkspacesAreReady() throws Exception {
    helm("install", "team", "workspaces: {one: {plan: Pro, dailyBudgetUsd: 5}, two: {}}").orThrow();

    // At once, and not only in the end.
    assertThat(cluster.condition("one", "Ready")).isEqualTo("True Synced");
    assertThat(cluster.condition("two", "Ready")).isEqualTo("True Synced");
    assertThat(health("one").status()).isEqualTo("Healthy");
  }

  @Test
  void helmFailsFastOnAWorkspaceThatIsStalled() throws Exception {
    cluster.applyAndAwait("owner", "slug: taken", "Ready");
    long start = System.nanoTime();

    CommandResult result = helm("install", "stalled", "workspaces: {copier: {slug: taken}}");

    assertThat(result.exitCode()).isNotZero();
    assertThat(result.stderr()).contains("copier", "Failed");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("well before the timeout of helm")
        .isLessThan(HELM_TIMEOUT.dividedBy(2));
    assertThat(health("copier").status()).isEqualTo("Degraded");
    assertThat(health("copier").message()).contains("taken");
  }

  @Test
  void helmIsContentWithAKilledWorkspace() throws Exception {
    helm("install", "killed", "workspaces: {halted: {plan: Scale, killSwitch: true}}").orThrow();

    assertThat(cluster.condition("halted", "KillSwitchActive")).isEqualTo("True Declared");
    assertThat(health("halted").status()).isEqualTo("Suspended");
  }

  @Test
  void helmIsContentWithADowngradedWorkspace() throws Exception {
    helm("install", "downgraded", "workspaces: {less: {plan: Scale, userDailyBudgetUsd: 5}}")
        .orThrow();
    helm("upgrade", "downgraded", "workspaces: {less: {plan: Basic, userDailyBudgetUsd: 5}}")
        .orThrow();

    assertThat(cluster.condition("less", "PlanLimited")).isEqualTo("True PlanUpgradeRequired");
    assertThat(health("less").status()).isEqualTo("Healthy");
    assertThat(health("less").message()).contains("userDailyBudgetUsd (needs Pro)");
  }

  @Test
  void aWorkspaceThatNobodyLookedAtIsProgressing() throws Exception {
    String elsewhere = "gitops-elsewhere";
    helm.server.kubectl("create", "namespace", elsewhere).orThrow();
    helm.server
        .kubectlWithInput(
            "apiVersion: workspace-operator.dev/v1\nkind: Workspace\nmetadata: {name: new}",
            "apply",
            "-n",
            elsewhere,
            "-f",
            "-")
        .orThrow();

    String json = helm.server.kubectl("get", "ws", "new", "-n", elsewhere, "-o", "json").orThrow();
    assertThat(ArgoHealth.of(json).status()).isEqualTo("Progressing");
  }

  @Test
  void threeOwnersAndChangesAtRunTimeMakeNoDriftAndNoConflict() throws Exception {
    String manifest = cluster.manifest("owned", "plan: Scale, dailyBudgetUsd: 9");
    for (String manager : FIELD_MANAGERS) {
      applyAs(manager, manifest);
    }
    cluster.await("owned", "Ready");

    try (ApiServer api = ApiServer.on(cluster.databaseUrl)) {
      String key =
          api.key(UUID.fromString(cluster.row("owned", "workspace_id")), Scope.WORKSPACE_WRITE);
      ApiCaller caller = new ApiCaller(api.port());
      for (int budget = 1; budget <= 3; budget++) {
        ApiCaller.Reply changed =
            caller.call(
                key,
                "PATCH",
                ApiCaller.WORKSPACE,
                "{\"user_daily_budget_usd\":%d}".formatted(budget));
        assertThat(changed.status()).as(changed.json().toString()).isEqualTo(200);
        String expected = Integer.toString(budget);
        await()
            .atMost(Duration.ofSeconds(5))
            .until(() ->
                cluster
                    .get("owned", "{.status.effective.userDailyBudgetUsd.value}")
                    .equals(expected));
        String resourceVersion = cluster.get("owned", "{.metadata.resourceVersion}");
        for (String manager : FIELD_MANAGERS) {
          applyAs(manager, manifest);
        }
        assertThat(cluster.get("owned", "{.metadata.resourceVersion}")).isEqualTo(resourceVersion);
      }
    }

    assertThat(cluster.get("owned", "{.metadata.generation}")).isEqualTo("1");
    String resourceVersion = cluster.get("owned", "{.metadata.resourceVersion}");
    await()
        .during(STILL)
        .atMost(STILL.plusSeconds(10))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> cluster.get("owned", "{.metadata.resourceVersion}").equals(resourceVersion));
  }

  private static CommandResult helm(String command, String release, String values)
      throws InterruptedException {
    long start = System.nanoTime();
    CommandResult result =
        helm.helm.runWithInput(
            values,
            command,
            release,
            CHART,
            "--namespace=" + cluster.namespace,
            "--values=-",
            "--wait",
            "--timeout=%ds".formatted(HELM_TIMEOUT.toSeconds()));
    System.out.printf(
        "helm %s --wait %s: exit code %d after %.1f s%n",
        command, release, result.exitCode(), (System.nanoTime() - start) / 1e9);
    return result;
  }

  private static ArgoHealth health(String name) throws InterruptedException {
    return ArgoHealth.of(cluster.kubectl("get", "ws", name, "-o", "json").orThrow());
  }

  private static void applyAs(String manager, String manifest) throws InterruptedException {
    helm.server
        .kubectlWithInput(
            manifest, "apply", "--server-side", "--field-manager=" + manager, "-f", "-")
        .orThrow();
  }
}
