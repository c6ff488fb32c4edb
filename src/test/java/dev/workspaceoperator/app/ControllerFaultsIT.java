package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.helm.ArgoHealth;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** One controller, and everything around it failing. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ControllerFaultsIT {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);
  private static final Duration CONVERGED_WITHIN = Duration.ofSeconds(30);

  @RegisterExtension final RoleProcesses controllers = RoleProcesses.ofEachTest();

  @Test
  void waitsForADatabaseThatIsDownAtItsStart(@TempDir Path directory) throws Exception {
    try (EmbeddedDatabase database = startDatabase(directory);
        TeamWorkspace bench =
            TeamWorkspace.open(SharedKubeApiServer.get(), "late-database", database.url())) {
      bench.create("{dailyBudgetUsd: 5}");
      database.stop();

      RoleProcess controller = controllers.start(bench.aloneOptions());
      await().atMost(STARTED_WITHIN).until(controller::isLive);
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(10))
          .until(() -> controller.isLive() && !controller.isReady());
      database.start();

      await().atMost(CONVERGED_WITHIN).until(controller::isReady);
      await().atMost(CONVERGED_WITHIN).until(bench::isSynced);
      assertThat(bench.storedBudget()).containsExactly("5");
    }
  }

  @Test
  @Tag("long")
  void tellsOfADatabaseThatDiedAndMakesUpForIt(@TempDir Path directory) throws Exception {
    try (EmbeddedDatabase database = startDatabase(directory);
        TeamWorkspace bench =
            TeamWorkspace.open(SharedKubeApiServer.get(), "killed-database", database.url())) {
      bench.create("{plan: Scale, killSwitch: true, killSwitchReason: audit, dailyBudgetUsd: 5}");
      RoleProcess controller = controllers.start(bench.aloneOptions());
      await().atMost(STARTED_WITHIN).until(bench::isSynced);
      List<String> killSwitches = new CopyOnWriteArrayList<>();
      try (Watch _ = bench.resource().watch(killSwitches(killSwitches))) {
        database.kill();
        bench.declareBudget(7);

        await()
            .atLeast(Duration.ofSeconds(9))
            .atMost(CONVERGED_WITHIN)
            .untilAsserted(
                () -> assertThat(bench.condition("Ready")).isEqualTo("False StoreUnavailable"));
        assertThat(bench.condition("Reconciling")).isEqualTo("True StoreUnavailable");
        assertThat(ArgoHealth.of(Serialization.asJson(bench.workspace())).status())
            .isEqualTo("Progressing");
        assertThat(TeamWorkspace.observedGeneration(bench.workspace())).isEqualTo(1);
        assertThat(controller.isLive()).isTrue();
        database.start();

        await().atMost(CONVERGED_WITHIN).until(bench::isSynced);
        assertThat(bench.storedBudget()).containsExactly("7");
        assertThat(bench.condition("Reconciling")).isEmpty();
        assertThat(killSwitches).containsOnly("True Declared");
      }
    }
  }

  @Test
  @Tag("long")
  void completesTheStatusOnceACustomResourceOfAnOlderVersionIsUpgraded() throws Exception {
    KubeApiServer server = SharedKubeApiServer.get();
    try (TeamWorkspace bench =
        TeamWorkspace.open(server, "older-resource", SharedDatabase.create())) {
      applyOlderCustomResource(server);
      bench.create("{dailyBudgetUsd: 5}");
      RoleProcess controller = controllers.start(bench.aloneOptions());
      await()
          .atMost(STARTED_WITHIN)
          .untilAsserted(() ->
              assertThat(controller.log()).contains("custom resource older than this program"));
      assertThat(bench.storedBudget()).containsExactly("5");
      assertThat(TeamWorkspace.observedGeneration(bench.workspace())).isEqualTo(-1);

      WorkspaceCrd.install(server);

      await().atMost(CONVERGED_WITHIN).until(bench::isSynced);
      assertThat(controller.isAlive()).isTrue();
    }
  }

  /** Its status had no head of the audit chain yet. */
  private static void applyOlderCustomResource(KubeApiServer server) throws Exception {
    YAMLMapper yaml = new YAMLMapper();
    JsonNode definition =
        yaml.readTree(Path.of("crds", "workspaces.workspace-operator.dev.yaml").toFile());
    ObjectNode status =
        (ObjectNode)
            definition.at("/spec/versions/0/schema/openAPIV3Schema/properties/status/properties");
    assertThat(status.remove("audit")).isNotNull();
    server
        .kubectlWithInput(yaml.writeValueAsString(definition), "apply", "--server-side", "-f", "-")
        .orThrow();
  }

  @Test
  void completesTheStatusAfterAKillBetweenStoreAndStatus() throws Exception {
    KubeApiServer server = SharedKubeApiServer.get();
    try (TeamWorkspace bench = TeamWorkspace.open(server, "half-done", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 5}");
      // It may read Workspaces and not write their status, so it stays in between.
      server.kubectl("-n", "half-done", "create", "serviceaccount", "controller").orThrow();
      allow(server, "half-done", "get,list,watch", "workspaces.workspace-operator.dev,namespaces");
      bindInCluster(server, "half-done", "half-done");
      Path kubeconfig = kubeconfigOfAccount(server, "half-done");
      RoleProcess first = controllers.start(bench.aloneOptions(kubeconfig));
      await()
          .atMost(STARTED_WITHIN)
          .untilAsserted(() -> assertThat(bench.storedBudget()).containsExactly("5"));
      first.kill();
      Files.delete(kubeconfig);
      List<String> audit = bench.query("SELECT row_to_json(audit)::text FROM audit ORDER BY seq");
      List<String> revision = bench.query("SELECT revision FROM workspace");
      assertThat(TeamWorkspace.observedGeneration(bench.workspace())).isEqualTo(-1);

      controllers.start(bench.aloneOptions());

      await().atMost(STARTED_WITHIN).until(bench::isSynced);
      assertThat(bench.query("SELECT row_to_json(audit)::text FROM audit ORDER BY seq"))
          .isNotEmpty()
          .isEqualTo(audit);
      assertThat(bench.query("SELECT revision FROM workspace"))
          .containsExactly("1")
          .isEqualTo(revision);
    }
  }

  /** As where the API server has not heard yet of what was installed. Of the whole cluster. */
  @Test
  @Tag("long")
  void waitsForRightsThatItHasNotYetAndIsNotReadyBefore() throws Exception {
    KubeApiServer server = SharedKubeApiServer.get();
    try (TeamWorkspace bench =
        TeamWorkspace.open(server, "rights-to-come", SharedDatabase.create())) {
      // Of the slug `team` there are others on this server, all of which this controller sees.
      bench.create("{dailyBudgetUsd: 5, slug: rights-to-come}");
      server.kubectl("-n", "rights-to-come", "create", "serviceaccount", "controller").orThrow();
      allow(server, "rights-at-first", "get", "namespaces");
      bindInCluster(server, "rights-at-first", "rights-to-come");
      // What other tests have on this server is seen and left alone.
      allow(server, "rights-to-see", "list,watch", "workspaces.workspace-operator.dev");
      allow(
          server,
          "rights-to-come",
          "get,patch",
          "workspaces.workspace-operator.dev,workspaces.workspace-operator.dev/status");
      bind(server, "rights-to-come", "rights-to-come");
      RoleProcess controller =
          controllers.start(
              bench.aloneOptions(kubeconfigOfAccount(server, "rights-to-come")).stream()
                  .filter(option -> !option.startsWith("--namespaces="))
                  .toList());
      await()
          .atMost(STARTED_WITHIN)
          .untilAsserted(
              () -> assertThat(controller.log()).contains("Cannot lead yet", "cannot list"));
      assertThat(controller.isLive()).isTrue();
      assertThat(controller.isReady()).isFalse();
      assertThat(bench.query("SELECT name FROM cluster")).isEmpty();

      bindInCluster(server, "rights-to-see", "rights-to-come");

      await().atMost(CONVERGED_WITHIN).until(bench::isSynced);
      await().atMost(CONVERGED_WITHIN).until(controller::isReady);
    }
  }

  /** And that one too, once it has them; without a new start. */
  @Test
  @Tag("long")
  void servesANamespaceThoughItHasNoRightsInAnother() throws Exception {
    KubeApiServer server = SharedKubeApiServer.get();
    String database = SharedDatabase.create();
    try (TeamWorkspace served = TeamWorkspace.open(server, "served", database);
        TeamWorkspace forbidden = TeamWorkspace.open(server, "forbidden", database)) {
      served.create("{dailyBudgetUsd: 5}");
      forbidden.create("{dailyBudgetUsd: 6, slug: forbidden}");
      server.kubectl("-n", "served", "create", "serviceaccount", "controller").orThrow();
      allow(
          server,
          "served",
          "get,list,watch,patch",
          "workspaces.workspace-operator.dev,workspaces.workspace-operator.dev/status");
      allow(server, "served-cluster", "get", "namespaces");
      bindInCluster(server, "served-cluster", "served");
      bind(server, "served", "served");
      RoleProcess controller =
          controllers.start(
              served.aloneOptions(kubeconfigOfAccount(server, "served")).stream()
                  .map(option ->
                      option.equals("--namespaces=served") ? option + ",forbidden" : option)
                  .toList());

      await().atMost(STARTED_WITHIN).until(served::isSynced);
      await()
          .atMost(CONVERGED_WITHIN)
          .until(() ->
              controller.hasMetric(
                  "workspace_operator_namespace_served{namespace=\"forbidden\"} 0.0"));
      assertThat(
              controller.hasMetric("workspace_operator_namespace_served{namespace=\"served\"} 1.0"))
          .isTrue();
      assertThat(controller.log()).contains("The namespace is not served", "forbidden");
      assertThat(TeamWorkspace.observedGeneration(forbidden.workspace())).isEqualTo(-1);

      bind(server, "served", "forbidden");

      await().atMost(Duration.ofSeconds(60)).until(forbidden::isSynced);
      await()
          .atMost(CONVERGED_WITHIN)
          .until(() ->
              controller.hasMetric(
                  "workspace_operator_namespace_served{namespace=\"forbidden\"} 1.0"));
    }
  }

  private static void allow(KubeApiServer server, String role, String verbs, String resources)
      throws InterruptedException {
    server
        .kubectl("create", "clusterrole", role, "--verb=" + verbs, "--resource=" + resources)
        .orThrow();
  }

  /** Gives the account of the namespace that is named as the role its rights in this one. */
  private static void bind(KubeApiServer server, String role, String namespace)
      throws InterruptedException {
    server
        .kubectl(
            "-n",
            namespace,
            "create",
            "rolebinding",
            "controller",
            "--clusterrole=" + role,
            "--serviceaccount=%s:controller".formatted(role))
        .orThrow();
  }

  /** Gives the account of this namespace its rights in all of them. */
  private static void bindInCluster(KubeApiServer server, String role, String namespace)
      throws InterruptedException {
    server
        .kubectl(
            "create",
            "clusterrolebinding",
            role,
            "--clusterrole=" + role,
            "--serviceaccount=%s:controller".formatted(namespace))
        .orThrow();
  }

  /** For the ServiceAccount {@code controller} of a namespace. */
  private static Path kubeconfigOfAccount(KubeApiServer server, String namespace)
      throws InterruptedException, IOException {
    String token =
        server.kubectl("-n", namespace, "create", "token", "controller").orThrow().strip();
    return Files.writeString(
        server.kubeconfig().resolveSibling("kubeconfig-" + namespace),
        Files.readString(server.kubeconfig()).replaceAll("token: .*", "token: " + token));
  }

  @Test
  @Tag("long")
  void freezesWhatWasDeletedWhileNoneRan() throws Exception {
    try (TeamWorkspace bench =
        TeamWorkspace.open(SharedKubeApiServer.get(), "deleted-unseen", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 5}");
      RoleProcess first = controllers.start(bench.aloneOptions());
      await().atMost(STARTED_WITHIN).until(bench::isSynced);
      first.kill();
      bench.resource().delete();

      controllers.start(bench.aloneOptions());

      await()
          .atMost(STARTED_WITHIN)
          .untilAsserted(() ->
              assertThat(bench.query("SELECT state FROM workspace")).containsExactly("FROZEN"));
      assertThat(bench.storedBudget()).containsExactly("5");
    }
  }

  private static EmbeddedDatabase startDatabase(Path directory) throws InterruptedException {
    return EmbeddedDatabase.start(directory, 0, System.err::println);
  }

  /** Notes the kill switch of every state that the Workspace is ever in. */
  private static Watcher<Workspace> killSwitches(List<String> seen) {
    return new Watcher<>() {
      @Override
      public void eventReceived(Action action, Workspace workspace) {
        seen.add(TeamWorkspace.condition(workspace, "KillSwitchActive"));
      }

      @Override
      public void onClose(WatcherException cause) {
        seen.add("watch closed: " + cause.getMessage());
      }
    };
  }
}
