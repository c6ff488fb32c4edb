package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Resources that are deleted, half deleted, and deleted while nobody looks. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DeletionE2eIT {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String RUNS = "/v1/runs";
  private static final String ALICE = "{\"user_id\":\"alice\"}";
  private static final String FINALIZER = "workspace-operator.dev/archive";
  private static final String SOMEBODYS = "example.com/hold";

  /** Of what is a matter of milliseconds. */
  private static final int TIMES = 2;

  private static Cluster cluster;
  private static KubernetesClient kubernetes;
  private static ControllerRole controller;
  private static ApiServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    KubeApiServer api = SharedKubeApiServer.get();
    WorkspaceCrd.install(api);
    cluster = new Cluster(api, SharedDatabase.create(), "deletion-e2e");
    kubernetes =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(api.kubeconfig().toFile()))
            .build();
    controller = cluster.controller();
    server = ApiServer.on(cluster.databaseUrl);
  }

  @AfterAll
  static void stop() {
    server.close();
    controller.close();
    kubernetes.close();
  }

  @Test
  void theManifestCountsUntilTheResourceIsGone() throws Exception {
    ApiKey key = ApiKey.generate(RANDOM);
    cluster.applyAndAwait("lingering", "plan: Scale, dailyBudgetUsd: 5, " + keys(key), "Ready");
    ApiClient agent = ApiClient.with(server.port(), key.reveal());
    String run = agent.post(RUNS, ALICE).header("Location");
    keepAndDelete("lingering");

    patch("lingering", "{\"spec\":{\"killSwitch\":true,\"killSwitchReason\":\"drill\"}}");
    cluster.await("lingering", "KillSwitchActive");
    assertThat(agent.post(run + "/steps", "{}").code()).isEqualTo("KILL_SWITCH_ACTIVE");
    assertThat(agent.patch("/v1/workspace/", "{\"daily_budget_usd\":9}").code())
        .as("what the manifest has, the manifest changes")
        .isEqualTo("FIELD_MANAGED_DECLARATIVELY");
    assertThat(cluster.row("lingering", "state")).isEqualTo("PRESENT");

    patch("lingering", "{\"spec\":{\"apiKeys\":[]}}");
    await().atMost(SOON).until(() -> agent.get("/v1/workspace/").status() == 401);

    // The last generation, and the end right after it.
    patch("lingering", "{\"spec\":{\"dailyBudgetUsd\":7,\"plan\":\"Enterprise\"}}");
    patch("lingering", "{\"metadata\":{\"finalizers\":[]}}");
    awaitRow("lingering", "state", "FROZEN");
    assertThat(cluster.row("lingering", "plan, declared_daily_budget_micro_usd"))
        .isEqualTo("Enterprise|7000000");
    assertThat(cluster.row("lingering", "declared_kill_switch_since IS NOT NULL")).isEqualTo("t");
    assertThat(agent.get("/v1/workspace/").status()).isEqualTo(401);
  }

  @Test
  void deletedWithDeleteItIsArchivedAtOnceAlsoWhileSomebodyKeepsTheResource() throws Exception {
    ApiKey key = ApiKey.generate(RANDOM);
    cluster.applyAndAwait("kept", "plan: Scale, deletionPolicy: Delete, " + keys(key), "Ready");
    ApiClient agent = ApiClient.with(server.port(), key.reveal());
    cluster.kubectl("delete", "ws", "kept", "--cascade=foreground", "--wait=false").orThrow();
    awaitRow("kept", "state", "ARCHIVED");
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(finalizers("kept")).containsExactly("foregroundDeletion"));
    assertThat(agent.post(RUNS, ALICE).code()).isEqualTo("WORKSPACE_ARCHIVED");
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(cluster.condition("kept", "Ready")).isEqualTo("False Archived"));

    patch("kept", "{\"spec\":{\"apiKeys\":[]}}");
    await().atMost(SOON).until(() -> agent.get("/v1/workspace/").status() == 401);
    assertThat(cluster.row("kept", "state")).isEqualTo("ARCHIVED");

    patch("kept", "{\"spec\":{\"deletionPolicy\":\"Retain\"}}");
    awaitRow("kept", "state", "PRESENT");
    patch("kept", "{\"spec\":{\"deletionPolicy\":\"Delete\"}}");
    awaitRow("kept", "state", "ARCHIVED");
    patch("kept", "{\"metadata\":{\"finalizers\":[]}}");
    await().atMost(SOON).until(() -> resource("kept").get() == null);
    assertThat(cluster.row("kept", "state, slug")).isEqualTo("ARCHIVED|kept");
  }

  @Test
  void theFinalizerIsThereBeforeThePolicyIsInForce() throws Exception {
    cluster.applyAndAwait("held", "plan: Scale", "Ready");
    try (Connection blocking = cluster.connect();
        Statement statement = blocking.createStatement()) {
      blocking.setAutoCommit(false);
      statement.execute("SELECT FROM workspace WHERE resource_name = 'held' FOR UPDATE");
      patch("held", "{\"spec\":{\"deletionPolicy\":\"Delete\"}}");
      await().atMost(SOON).until(() -> finalizers("held").contains(FINALIZER));
      assertThat(cluster.row("held", "deletion_policy")).isEqualTo("Retain");
      cluster.kubectl("delete", "ws", "held", "--wait=false").orThrow();
      blocking.rollback();
    }
    await().atMost(SOON).until(() -> resource("held").get() == null);
    assertThat(cluster.row("held", "state")).isEqualTo("ARCHIVED");
  }

  @Test
  void aFinalizerThatReplaceDropsIsPutBackAtOnce() throws Exception {
    String spec = "plan: Scale, deletionPolicy: Delete";
    cluster.applyAndAwait("replaced", spec, "Ready");

    replace("replaced", spec);

    await().atMost(SOON).until(() -> finalizers("replaced").contains(FINALIZER));
    cluster.kubectl("delete", "ws", "replaced", "--timeout=10s").orThrow();
    assertThat(cluster.row("replaced", "state")).isEqualTo("ARCHIVED");
  }

  @Test
  void aRefusedManifestKeepsTheFinalizerOfWhatIsInForce() throws Exception {
    cluster.applyAndAwait("refused", "plan: Scale, deletionPolicy: Delete", "Ready");
    cluster.kubectl("delete", "ws", "refused", "--cascade=foreground", "--wait=false").orThrow();
    awaitRow("refused", "state", "ARCHIVED");
    cluster.applyAndAwait("taker", "slug: refused", "Ready");

    patch("refused", "{\"spec\":{\"deletionPolicy\":\"Retain\"}}");
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(cluster.condition("refused", "Ready")).isEqualTo("False SlugTaken"));
    patch("refused", "{\"metadata\":{\"finalizers\":[]}}");
    await().atMost(SOON).until(() -> resource("refused").get() == null);
    assertThat(cluster.row("refused", "state")).isEqualTo("ARCHIVED");
  }

  @Test
  void whatIsDeletedMillisecondsAfterItsFinalizerWasDroppedIsArchived() throws Exception {
    patchAndDeleteAtOnce("emptied", "deletionPolicy: Delete", "{\"metadata\":{\"finalizers\":[]}}");
  }

  @Test
  void whatIsDeletedMillisecondsAfterItWasPatchedIsDealtWithByThatPatch() throws Exception {
    patchAndDeleteAtOnce("patched", "plan: Scale", "{\"spec\":{\"deletionPolicy\":\"Delete\"}}");
    cluster.applyAndAwait("patched-kill", "plan: Scale", "Ready");
    patch("patched-kill", "{\"spec\":{\"killSwitch\":true}}");
    resource("patched-kill").delete();
    awaitRow("patched-kill", "state, declared_kill_switch_since IS NOT NULL", "FROZEN|t");
  }

  /** Several of them, each of which is archived. */
  private static void patchAndDeleteAtOnce(String prefix, String spec, String patch)
      throws Exception {
    for (int i = 0; i < TIMES; i++) {
      String name = prefix + "-" + i;
      cluster.applyAndAwait(name, spec, "Ready");
      patch(name, patch);
      resource(name).delete();
      awaitRow(name, "state", "ARCHIVED");
    }
  }

  @Test
  void aNamespaceThatIsBeingDeletedTakesItsWorkspacesWithIt() throws Exception {
    Cluster doomed = new Cluster(cluster.server, SharedDatabase.create(), "doomed-namespace");
    ControllerRole own = doomed.controller();
    try {
      doomed.applyAndAwait("deleted", "deletionPolicy: Delete", "Ready");
      doomed.applyAndAwait("retained", "plan: Scale, killSwitch: true", "Ready");
      doomed.server.kubectl("delete", "namespace", doomed.namespace, "--wait=false").orThrow();
      // What the namespace controller does, which is not there.
      doomed.kubectl("delete", "ws", "--all", "--timeout=10s").orThrow();

      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(doomed.row("deleted", "state")).isEqualTo("ARCHIVED");
            assertThat(doomed.row("retained", "state")).isEqualTo("FROZEN");
          });
    } finally {
      own.close();
    }
  }

  @Test
  void whatWasDeletedWhileNoControllerRanIsDealtWithByThePolicyInTheStore() throws Exception {
    Cluster own = new Cluster(cluster.server, SharedDatabase.create(), "nobody-looked");
    ControllerRole first = own.controller();
    try {
      own.applyAndAwait("waits", "deletionPolicy: Delete", "Ready");
      own.applyAndAwait("emptied", "deletionPolicy: Delete", "Ready");
      own.applyAndAwait("retained", "plan: Scale, killSwitch: true", "Ready");
      own.applyAndAwait("again", "slug: former, deletionPolicy: Delete", "Ready");
      own.applyAndAwait("lingering", "plan: Scale", "Ready");
    } finally {
      first.close();
    }
    for (String name : List.of("emptied", "again")) {
      own.patch(name, "{\"metadata\":{\"finalizers\":[]}}");
    }
    own.patch("lingering", "{\"metadata\":{\"finalizers\":[\"%s\"]}}".formatted(SOMEBODYS));
    own.kubectl("delete", "ws", "--all", "--wait=false").orThrow();
    own.patch("lingering", "{\"spec\":{\"killSwitch\":true}}");
    own.apply("again", "slug: latter").orThrow();

    ControllerRole second = own.controller();
    try {
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(own.row("waits", "state")).isEqualTo("ARCHIVED");
            assertThat(own.row("emptied", "state")).isEqualTo("ARCHIVED");
            assertThat(own.row("retained", "state, declared_kill_switch_since IS NOT NULL"))
                .isEqualTo("FROZEN|t");
            assertThat(own.row("again", "state, slug")).isEqualTo("PRESENT|latter");
            assertThat(own.row("lingering", "state, declared_kill_switch_since IS NOT NULL"))
                .isEqualTo("PRESENT|t");
          });
      assertThat(own.kubectl("get", "ws", "-o", "name").orThrow())
          .doesNotContain("waits", "emptied", "retained");
    } finally {
      own.patch("lingering", "{\"metadata\":{\"finalizers\":[]}}");
      second.close();
    }
  }

  /** Deletes a resource that somebody else's finalizer keeps. */
  private static void keepAndDelete(String name) throws InterruptedException {
    patch(name, "{\"metadata\":{\"finalizers\":[\"%s\"]}}".formatted(SOMEBODYS));
    cluster.kubectl("delete", "ws", name, "--wait=false").orThrow();
  }

  private static Resource<Workspace> resource(String name) {
    return kubernetes.resources(Workspace.class).inNamespace(cluster.namespace).withName(name);
  }

  private static void patch(String name, String json) {
    resource(name).patch(PatchContext.of(PatchType.JSON_MERGE), json);
  }

  private static List<String> finalizers(String name) {
    return resource(name).require().getMetadata().getFinalizers();
  }

  private static void replace(String name, String spec) throws InterruptedException {
    cluster.server.kubectlWithInput(cluster.manifest(name, spec), "replace", "-f", "-").orThrow();
  }

  private static void awaitRow(String name, String columns, String value) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(cluster.row(name, columns)).as(name).isEqualTo(value));
  }

  private static String keys(ApiKey key) throws SQLException {
    return "apiKeys: [{name: agent, sha256: %s, scopes: ['workspace:read', 'workspace:write', 'runs:write']}]"
        .formatted(key.digest().hex());
  }
}
