package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** From kubectl to PostgreSQL and back, on real servers, with whatever controller there is. */
abstract class WorkspaceE2eTests {
  private final Cluster cluster;

  WorkspaceE2eTests(Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void whatTheManifestSaysIsStoredAndReported() throws Exception {
    cluster.applyAndAwait(
        "full",
        "plan: Scale, name: Research, dailyBudgetUsd: 100, userDailyBudgetUsd: '25.5',"
            + " maxConcurrentRuns: 7",
        "Ready");

    assertThat(
            cluster.row(
                "full",
                "plan, state, declared_name, declared_daily_budget_micro_usd,"
                    + " declared_user_daily_budget_micro_usd, declared_max_concurrent_runs,"
                    + " resource_generation"))
        .isEqualTo("Scale|PRESENT|Research|100000000|25500000|7|1");
    assertThat(cluster.get("full", "{.status.effective.userDailyBudgetUsd}"))
        .contains("\"source\":\"Declared\"", "\"value\":\"25.5\"");
    assertThat(cluster.get("full", "{.status.id}")).isEqualTo(cluster.row("full", "workspace_id"));
    assertThat(cluster.get("full", "{.status.audit.seq}"))
        .isEqualTo(cluster.row("full", "audit_seq"));
  }

  @Test
  void anUnchangedWorkspaceCostsNoWrite() throws Exception {
    cluster.applyAndAwait("still", "plan: Pro, dailyBudgetUsd: 1", "Ready");
    String resourceVersion = cluster.get("still", "{.metadata.resourceVersion}");
    String row = cluster.row("still", "xmin, revision, audit_seq");

    // A look that is asked for through the store's own channel, and one for an older revision.
    announce("still", 1_000);
    await()
        .during(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          assertThat(cluster.get("still", "{.metadata.resourceVersion}"))
              .isEqualTo(resourceVersion);
          assertThat(cluster.row("still", "xmin, revision, audit_seq")).isEqualTo(row);
        });
  }

  @Test
  void aRuntimeChangeShowsInStatusWithinASecond() throws Exception {
    cluster.applyAndAwait("runtime", "plan: Pro", "Ready");

    cluster.execute(
        "UPDATE workspace SET runtime_daily_budget_micro_usd = 5000000, revision = revision + 1"
            + " WHERE resource_name = 'runtime'");
    announce("runtime", 1_000);

    await()
        .atMost(Duration.ofSeconds(1))
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() ->
            assertThat(cluster.get("runtime", "{.status.effective.dailyBudgetUsd}"))
                .contains("\"source\":\"Runtime\"", "\"value\":\"5\""));
  }

  @Test
  void aDowngradeKeepsWhatWasAcceptedAndSaysSo() throws Exception {
    cluster.applyAndAwait("down", "plan: Scale, userDailyBudgetUsd: 5, killSwitch: true", "Ready");

    cluster.applyAndAwait(
        "down", "plan: Basic, userDailyBudgetUsd: 5, killSwitch: true", "PlanLimited");

    assertThat(cluster.condition("down", "Ready")).isEqualTo("True Synced");
    assertThat(cluster.condition("down", "KillSwitchActive")).isEqualTo("True Declared");
    assertThat(cluster.condition("down", "PlanLimited")).isEqualTo("True PlanUpgradeRequired");
    assertThat(cluster.get("down", "{.status.effective.userDailyBudgetUsd.value}")).isEqualTo("5");
  }

  @Test
  void aRunCapAboveBasicIsStalledUntilItIsTakenAway() throws Exception {
    cluster.applyAndAwait("cap", "plan: Pro, maxConcurrentRuns: 20", "Ready");

    cluster.applyAndAwait("cap", "plan: Basic, maxConcurrentRuns: 20", "Stalled");
    assertThat(cluster.condition("cap", "Ready")).isEqualTo("False PlanUpgradeRequired");
    assertThat(cluster.get("cap", "{.status.effective.maxConcurrentRuns.value}")).isEqualTo("3");

    cluster.applyAndAwait("cap", "plan: Basic", "Ready");
    assertThat(cluster.condition("cap", "Stalled")).isEmpty();
  }

  @Test
  void aTakenSlugIsRefusedAndHealsWhenItIsFreed() throws Exception {
    cluster.applyAndAwait("first", "slug: shared, deletionPolicy: Delete", "Ready");
    cluster.applyAndAwait("second", "slug: shared", "Stalled");
    assertThat(cluster.condition("second", "Ready")).isEqualTo("False SlugTaken");
    assertThat(cluster.row("second", "slug")).isEmpty();

    cluster.applyAndAwait("third", "slug: shared", "Stalled");
    cluster.applyAndAwait("third", "slug: free", "Ready");
    assertThat(cluster.row("third", "slug")).isEqualTo("free");

    cluster.kubectl("delete", "ws", "first", "--timeout=10s").orThrow();

    cluster.await("second", "Ready");
    assertThat(cluster.row("first", "state")).isEqualTo("ARCHIVED");
    assertThat(cluster.row("second", "slug")).isEqualTo("shared");
  }

  @Test
  void aResourceDeletedWithRetainIsFrozenAndTheSameWhenMadeAgain() throws Exception {
    cluster.applyAndAwait("kept", "plan: Scale, dailyBudgetUsd: 9, killSwitch: true", "Ready");
    String id = cluster.row("kept", "workspace_id");
    String since = cluster.row("kept", "declared_kill_switch_since");

    cluster.kubectl("delete", "ws", "kept", "--timeout=10s").orThrow();
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(
                    cluster.row(
                        "kept",
                        "state, declared_daily_budget_micro_usd, declared_kill_switch_since"))
                .isEqualTo("FROZEN|9000000|" + since));

    cluster.applyAndAwait("kept", "plan: Scale, dailyBudgetUsd: 9", "Ready");
    assertThat(cluster.row("kept", "workspace_id, state")).isEqualTo(id + "|PRESENT");
    assertThat(cluster.condition("kept", "KillSwitchActive")).isEmpty();
  }

  @Test
  void aFrozenWorkspaceKeepsItsSlugAndAnArchivedOneMayTakeAnother() throws Exception {
    cluster.applyAndAwait("slugged", "slug: old-slug", "Ready");
    cluster.kubectl("delete", "ws", "slugged", "--timeout=10s").orThrow();
    cluster.applyAndAwait("slugged", "slug: new-slug", "Stalled");
    assertThat(cluster.condition("slugged", "Ready")).isEqualTo("False SlugImmutable");
    assertThat(cluster.apply("slugged", "slug: third-slug").stderr()).contains("is old-slug");
    cluster.applyAndAwait("slugged", "slug: old-slug", "Ready");

    cluster.kubectl("delete", "ws", "slugged", "--timeout=10s").orThrow();
    cluster.applyAndAwait("slugged", "slug: old-slug, deletionPolicy: Delete", "Ready");
    cluster.kubectl("delete", "ws", "slugged", "--timeout=10s").orThrow();
    cluster.applyAndAwait("slugged", "slug: new-slug", "Ready");
    assertThat(cluster.row("slugged", "slug, state")).isEqualTo("new-slug|PRESENT");
  }

  @Test
  void aKeyOfAnotherWorkspaceIsIgnoredAndTheRestIsInForce() throws Exception {
    String key =
        "apiKeys: [{name: ci, sha256: %s, scopes: [runs:write]}]".formatted("c".repeat(64));
    cluster.applyAndAwait("owner", key, "Ready");

    cluster.applyAndAwait("copier", "dailyBudgetUsd: 3, " + key, "Stalled");

    assertThat(cluster.condition("copier", "Ready")).isEqualTo("False ApiKeyTaken");
    assertThat(cluster.get("copier", "{.status.effective.dailyBudgetUsd.value}")).isEqualTo("3");
    assertThat(cluster.row("copier", "declared_daily_budget_micro_usd")).isEqualTo("3000000");

    cluster.applyAndAwait("owner", "", "Ready");
    cluster.await("copier", "Ready");
  }

  @Test
  void aSpentBudgetIsReported() throws Exception {
    cluster.applyAndAwait("spent", "dailyBudgetUsd: 2", "Ready");

    // Tomorrow's too: it may be near.
    cluster.execute(
        """
        INSERT INTO workspace_day (workspace_id, day, spent_micro_usd)
        SELECT workspace_id, (operator_clock() AT TIME ZONE 'UTC')::date + ahead, 2000000
        FROM workspace, generate_series(0, 1) AS ahead WHERE resource_name = 'spent'
        """);
    cluster.execute("UPDATE workspace SET revision = revision + 1 WHERE resource_name = 'spent'");
    announce("spent", 1_000);

    cluster.await("spent", "BudgetExhausted");
    assertThat(cluster.condition("spent", "Ready")).isEqualTo("True Synced");
  }

  @Test
  void aFinalizerIsOnlyThereForDelete() throws Exception {
    cluster.applyAndAwait("final", "deletionPolicy: Delete", "Ready");
    assertThat(cluster.get("final", "{.metadata.finalizers}"))
        .contains("workspace-operator.dev/archive");

    cluster.applyAndAwait("final", "deletionPolicy: Retain", "Ready");
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> assertThat(cluster.get("final", "{.metadata.finalizers}")).isEmpty());
  }

  @Test
  void theOperatorNeverWritesASpec() throws Exception {
    cluster.applyAndAwait("untouched", "plan: Pro", "Ready");

    assertThat(cluster.get("untouched", "{.spec}")).isEqualTo("{\"plan\":\"Pro\"}");
    assertThat(
            cluster
                .kubectl(
                    "get",
                    "ws",
                    "untouched",
                    "--show-managed-fields",
                    "-o",
                    "jsonpath={.metadata.managedFields[?(@.manager==\"workspace-operator\")].fieldsV1}")
                .orThrow())
        .doesNotContain("f:spec");
  }

  @Test
  void aTransitionMakesOneEvent() throws Exception {
    cluster.applyAndAwait(
        "eventful", "plan: Scale, killSwitch: true, killSwitchReason: runaway", "Ready");

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(events("eventful"))
                .containsOnlyOnce("KillSwitchActivated")
                .containsOnlyOnce("Synced")
                .contains("runaway"));

    cluster.applyAndAwait("eventful", "plan: Scale", "Ready");
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(events("eventful")).containsOnlyOnce("KillSwitchReleased"));
  }

  /** As after the API server's data was restored from a backup. */
  @Test
  void aGenerationThatTheStoreIsAheadOfIsReported() throws Exception {
    cluster.applyAndAwait("ahead", "plan: Pro", "Ready");

    cluster.execute(
        "UPDATE workspace SET resource_generation = 99, revision = revision + 1 WHERE resource_name"
            + " = 'ahead'");
    announce("ahead", 1_000);
    cluster.await("ahead", "Reconciling");
    assertThat(cluster.condition("ahead", "Ready")).isEqualTo("False Superseded");

    cluster.execute(
        "UPDATE workspace SET resource_generation = 1, revision = revision + 1 WHERE resource_name"
            + " = 'ahead'");
    cluster.await("ahead", "Ready");
  }

  /** As after a restore from a backup, which writes by a field manager of its own. */
  @Test
  void whatSomebodyElseWroteIntoTheStatusIsReplacedAndThenLeftAlone() throws Exception {
    cluster.applyAndAwait("restored", "plan: Scale, dailyBudgetUsd: 9, killSwitch: true", "Ready");
    String before = cluster.get("restored", "{.status}");

    cluster
        .kubectl(
            "patch",
            "ws",
            "restored",
            "--subresource=status",
            "--field-manager=restore",
            "--type=merge",
            "-p",
            """
            {"status":{"slug":"other","plan":"Pro",
             "effective":{"dailyBudgetUsd":{"value":"8","source":"Override","until":"2099-01-01T00:00:00Z"}},
             "killSwitch":{"latches":[
               {"source":"Declared","since":"2030-01-31T00:00:00Z","reason":"restored"},
               {"source":"Runtime","since":"2030-01-31T00:00:00Z"}]},
             "usage":{"day":"2030-01-31","spentUsd":"7","asOf":"2099-01-01T00:00:00Z"},
             "conditions":[
               {"type":"Ready","status":"False","reason":"SlugTaken","message":"Restored.","lastTransitionTime":"2099-01-01T00:00:00Z"},
               {"type":"Stalled","status":"True","reason":"SlugTaken","message":"Restored.","lastTransitionTime":"2030-01-31T00:00:00Z"},
               {"type":"Theirs","status":"True","reason":"Theirs","message":"Theirs.","lastTransitionTime":"2030-01-31T00:00:00Z"}]}}
            """)
        .orThrow();
    announce("restored", 1_000);

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(withoutTimes(cluster.get("restored", "{.status}")))
                .isEqualTo(withoutTimes(before)));
    String resourceVersion = cluster.get("restored", "{.metadata.resourceVersion}");
    announce("restored", 1_001);
    announce("restored", 1_002);
    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(cluster.get("restored", "{.metadata.resourceVersion}"))
                .isEqualTo(resourceVersion));

    cluster.applyAndAwait("restored", "plan: Scale, dailyBudgetUsd: 9", "Ready");
    assertThat(cluster.get("restored", "{.status}"))
        .doesNotContain("\"source\":\"Declared\",\"value\":true", "KillSwitchActive", "Theirs");
  }

  /** Those that say when a thing was looked at, or changed. */
  private static String withoutTimes(String status) {
    return status.replaceAll("\"(lastTransitionTime|asOf)\":\"20[0-8][^\"]*\"", "");
  }

  /** Bytes are what the API server counts, and a name ends in no dot. */
  @Test
  void theLongestReasonAndNameMakeAnEventToo() throws Exception {
    String name = "n".repeat(235) + "." + "n".repeat(17);
    cluster.applyAndAwait(
        name,
        "slug: long-named, plan: Scale, killSwitch: true, killSwitchReason: %s"
            .formatted("\ud83d\ude80".repeat(500)),
        "Ready");

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(events(name)).contains("KillSwitchActivated", "Synced"));
  }

  @Test
  void aResourceThatIsMadeAgainRepeatsNoEvent() throws Exception {
    String spec = "plan: Scale, killSwitch: true";
    cluster.applyAndAwait("again", spec, "Ready");
    cluster.kubectl("delete", "ws", "again", "--timeout=10s").orThrow();

    cluster.applyAndAwait("again", spec, "Ready");

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(events("again")).containsPattern("(?s)Synced.*Synced"));
    // Warnings are sent before notes.
    assertThat(events("again")).containsOnlyOnce("KillSwitchActivated");
  }

  private String events(String name) throws InterruptedException {
    return cluster
        .kubectl(
            "get",
            "events.events.k8s.io",
            "-o",
            "jsonpath={range .items[?(@.regarding.name==\"%s\")]}{.reason}: {.note}{\"\\n\"}{end}"
                .formatted(name))
        .orThrow();
  }

  /** What the store sends when another process commits a change. */
  private void announce(String name, long revision) throws Exception {
    cluster.execute(
        "SELECT pg_notify('workspace_operator_changed', json_build_object('cluster', '%s', 'namespace', '%s', 'name', '%s', 'revision', %d)::text)"
            .formatted(cluster.name(), cluster.namespace, name, revision));
  }
}
