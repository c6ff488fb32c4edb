package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.workspaceoperator.app.ApiCaller.Reply;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.Helm;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.Prometheus;
import dev.workspaceoperator.env.SharedKubeApiServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * A controller, a replica of each server and a real Prometheus that reads them every second, on a
 * database and a cluster of their own. It has the alerts of the chart, each without its own time:
 * {@code AlertRulesIT} tries that. Workspaces have spent nearly, or more than, a budget of the day
 * or the month, one is stopped, and one is stalled. Its processes are those of the test's
 * extension, which ends them.
 */
final class ObservedSite implements AutoCloseable {
  /** Within which what happens is told, and seen. */
  static final Duration SOON = Duration.ofSeconds(30);

  /** A workspace that has a day's and a month's budget, and a kill switch that is on. */
  static final String SHOWN = "shown";

  static final String RUNS = "/v1/runs";

  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);
  private static final int STREAMS_OF_ONE = 1;

  /** One for all, as its threads outlive each test. */
  static final HttpClient HTTP = HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();

  private final Path directory;
  private final Map<String, String> keys = new HashMap<>();
  final EmbeddedDatabase database;
  final Cluster cluster;
  final RoleProcess controller;
  final ApiReplica api;
  final RoleProcess extAuthz;
  final Prometheus prometheus;

  private ObservedSite(Path programs, RoleProcesses processes, Path directory) throws Exception {
    this.directory = directory;
    database = EmbeddedDatabase.start(directory.resolve("database"), 0, System.err::println);
    KubeApiServer kubernetes = SharedKubeApiServer.get();
    WorkspaceCrd.install(kubernetes);
    cluster = new Cluster(kubernetes, database.url(), "observed");
    Path issuers = issuers();
    controller =
        processes.start(
            List.of(
                "--database-url=" + database.url(),
                "--kubeconfig=" + kubernetes.kubeconfig(),
                "--cluster-name=observed",
                "--namespaces=" + cluster.namespace,
                "--leader-election=false"));
    api =
        processes.api(
            database.url(),
            "--max-event-streams=" + 4 * STREAMS_OF_ONE,
            "--jwt-issuers-file=" + issuers,
            "--notifications-file=" + notifications(),
            "--drain-delay-seconds=0");
    Path prices = directory.resolve("prices.json");
    Files.writeString(
        prices,
        "{\"small\": {\"input_cost_per_token\": 0.000001, \"output_cost_per_token\": 0.000002}}");
    extAuthz =
        processes.extAuthz(
            database.url(), "--price-file=" + prices, "--jwt-issuers-file=" + issuers);
    prometheus =
        Prometheus.start(
            programs, directory.resolve("prometheus"), configuration(), System.err::println);
  }

  /** Starts it; without a Prometheus the tests that ask for it are skipped. */
  static ObservedSite start(RoleProcesses processes, Path directory) throws Exception {
    Optional<Path> programs =
        Prometheus.find(why -> System.err.println("SKIPPED, NO PROMETHEUS: " + why));
    assumeTrue(programs.isPresent(), "no Prometheus");
    return new ObservedSite(programs.get(), processes, directory);
  }

  /** Waits until all are ready, and makes a workspace for each thing that happens. */
  void prepare() throws Exception {
    for (RoleProcess process : List.of(controller, api.process(), extAuthz)) {
      await().atMost(STARTED_WITHIN).until(process::isReady);
    }
    String budgets = "plan: Scale, dailyBudgetUsd: %s, monthlyBudgetUsd: %s";
    cluster.applyAndAwait("near", budgets.formatted(10, 100), "Ready");
    cluster.applyAndAwait("full", budgets.formatted(5, 50), "Ready");
    cluster.applyAndAwait("monthly", budgets.formatted(1_000, 10), "Ready");
    cluster.applyAndAwait("month-full", budgets.formatted(1_000, 5), "Ready");
    cluster.applyAndAwait(SHOWN, budgets.formatted(10, 10), "Ready");
    cluster.apply("late", "plan: Scale, slug: near").orThrow();
    cluster.await("late", "Stalled");
    try (ApiServer hand = ApiServer.withoutServing(database.url())) {
      for (String name : List.of("near", "full", "monthly", "month-full", SHOWN)) {
        keys.put(name, hand.keyWithAllScopes(UUID.fromString(cluster.row(name, "workspace_id"))));
      }
    }
    spend("near", "8.5", "8.5");
    spend("monthly", "8.5", "8.5");
    spend("full", "4.9", "6");
    spend("month-full", "4.9", "6");
    spend(SHOWN, "1", "0.5");
    assertThat(step(run("near"), "near", "5").code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
    kill(true);
    cluster.await(SHOWN, "KillSwitchActive");
  }

  /** Whatever is there is to Prometheus's taste: one line that is not, and it takes none. */
  void readsEverythingAnew() {
    Instant from = Instant.now();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(items(prometheus.targets()))
                .hasSize(3)
                .allSatisfy(target -> {
                  assertThat(target.path("lastError").asText()).isEmpty();
                  assertThat(Instant.parse(target.path("lastScrape").asText())).isAfter(from);
                }));
  }

  private void spend(String name, String reserved, String cost) throws IOException {
    String run = run(name);
    Reply step = step(run, name, reserved);
    assertThat(step.status()).as(step.json().toString()).isEqualTo(201);
    Reply settled =
        api.call(
            key(name),
            "POST",
            run + "/steps/" + step.json().path("id").asText() + "/settle",
            "{\"cost_usd\":%s}".formatted(cost));
    assertThat(settled.status()).as(settled.json().toString()).isEqualTo(200);
  }

  String run(String name) throws IOException {
    Reply run = api.call(key(name), "POST", RUNS, "{\"user_id\":\"alice\"}");
    assertThat(run.status()).as(run.json().toString()).isEqualTo(201);
    return RUNS + "/" + run.json().path("id").asText();
  }

  Reply step(String run, String name, String reserved) throws IOException {
    return api.call(key(name), "POST", run + "/steps", "{\"max_cost_usd\":%s}".formatted(reserved));
  }

  private void kill(boolean active) throws IOException {
    Reply killed =
        api.call(
            key(SHOWN),
            "POST",
            ApiCaller.KILL_SWITCH,
            "{\"active\":%b,\"reason\":\"drill\"}".formatted(active));
    assertThat(killed.status()).isEqualTo(200);
  }

  String key(String name) {
    return Objects.requireNonNull(keys.get(name));
  }

  /** A request to the API with the key of a workspace. */
  HttpRequest.Builder request(String name, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.caller().port() + path))
        .header("X-API-Key", key(name));
  }

  static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return HTTP.send(
        request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString());
  }

  static List<JsonNode> items(JsonNode array) {
    List<JsonNode> items = new ArrayList<>();
    array.forEach(items::add);
    return items;
  }

  /** A receiver that is not there: each attempt fails, and is counted. */
  private Path notifications() throws IOException {
    Path key = directory.resolve("notification-key");
    Files.writeString(key, "a key that nobody can guess at all");
    Path file = directory.resolve("notifications.yaml");
    Files.writeString(
        file,
        "receivers: [{name: ops, url: 'http://127.0.0.1:%d/', keyFile: '%s'}]"
            .formatted(FreePort.find(), key));
    return file;
  }

  /** An issuer whose keys nobody serves. */
  private Path issuers() throws IOException {
    Path file = directory.resolve("issuers.yaml");
    Files.writeString(
        file,
        """
        issuers:
          - issuer: https://issuer.example.com
            audience: workspace-operator
            jwksUri: http://127.0.0.1:%d/keys
            workspaceClaim: workspace
            maxScopes: [workspace:read]
        """
            .formatted(FreePort.find()));
    return file;
  }

  private String configuration() throws IOException, InterruptedException {
    Path rules = directory.resolve("rules.yml");
    Files.writeString(rules, rules());
    return """
    global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
    rule_files: ['%s']
    scrape_configs:
      - job_name: wo
        static_configs:
          - targets: ['%s', '%s', '%s']
            labels: {namespace: observed}
    """
        .formatted(
            rules, controller.management(), api.process().management(), extAuthz.management());
  }

  /** Those of the chart, each without its patience. */
  private String rules() throws IOException, InterruptedException {
    Path home = directory.resolve("helm").toAbsolutePath();
    String rendered =
        new Helm(Helm.locate(System.err::println), home.resolve("no-cluster"), home)
            .runWithInput(
                """
                database: {url: 'postgresql://workspace_operator@db:5432/x', existingSecret: database}
                metrics: {selector: 'job="wo"', prometheusRule: {enabled: true}}
                """,
                "template",
                "wo",
                Path.of("helm", "workspace-operator").toString(),
                "--values=-",
                "--show-only=templates/metrics.yaml")
            .orThrow();
    YAMLMapper yaml = new YAMLMapper();
    for (String document : rendered.split("(?m)^---$", -1)) {
      JsonNode object = yaml.readTree(document);
      if (object.path("kind").asText().equals("PrometheusRule")) {
        for (JsonNode rule :
            object.findValues("rules").stream().flatMap(rules -> items(rules).stream()).toList()) {
          ((ObjectNode) rule).put("for", "0s");
        }
        return yaml.writeValueAsString(object.path("spec"));
      }
    }
    throw new AssertionError("no PrometheusRule: " + rendered);
  }

  @Override
  public void close() {
    prometheus.close();
    database.close();
  }
}
