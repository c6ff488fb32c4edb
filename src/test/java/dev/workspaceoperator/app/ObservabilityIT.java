package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import dev.workspaceoperator.metric.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus reads the real roles: the figures are those that docs/metrics.md lists, every
 * query of every dashboard has an answer, and every alert of the chart fires when what it is about
 * happens. Each alert's own time is left out: {@code AlertRulesIT} tries that.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ObservabilityIT {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Path DASHBOARDS =
      Path.of("helm", "workspace-operator", "files", "dashboards");
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String RUNS = "/v1/runs";
  private static final int STREAMS_OF_ONE = 1;

  /** One that has a day's and a month's budget, and a kill switch that is on. */
  private static final String SHOWN = "shown";

  @RegisterExtension static final RoleProcesses PROCESSES = RoleProcesses.ofAllTests();

  @TempDir private static Path directory;

  private static final HttpClient HTTP =
      HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();
  private static final Map<String, String> KEYS = new HashMap<>();
  private static EmbeddedDatabase database;
  private static Cluster cluster;
  private static RoleProcess controller;
  private static ApiReplica api;
  private static RoleProcess extAuthz;
  private static Prometheus prometheus;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> programs =
        Prometheus.find(why -> System.err.println("SKIPPED, NO PROMETHEUS: " + why));
    assumeTrue(programs.isPresent(), "no Prometheus");
    database = EmbeddedDatabase.start(directory.resolve("database"), 0, System.err::println);
    KubeApiServer kubernetes = SharedKubeApiServer.get();
    WorkspaceCrd.install(kubernetes);
    cluster = new Cluster(kubernetes, database.url(), "observed");
    Path issuers = issuers();
    controller =
        PROCESSES.start(
            List.of(
                "--database-url=" + database.url(),
                "--kubeconfig=" + kubernetes.kubeconfig(),
                "--cluster-name=observed",
                "--namespaces=" + cluster.namespace,
                "--leader-election=false"));
    api =
        PROCESSES.api(
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
        PROCESSES.extAuthz(
            database.url(), "--price-file=" + prices, "--jwt-issuers-file=" + issuers);
    prometheus =
        Prometheus.start(
            programs.get(), directory.resolve("prometheus"), configuration(), System.err::println);
    for (RoleProcess process : List.of(controller, api.process(), extAuthz)) {
      await().atMost(STARTED_WITHIN).until(process::isReady);
    }
    prepare();
  }

  @AfterAll
  static void stop() {
    HTTP.close();
    if (prometheus != null) {
      prometheus.close();
    }
    if (database != null) {
      database.close();
    }
  }

  /** A workspace for each thing that happens. */
  private static void prepare() throws Exception {
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
        KEYS.put(name, hand.keyWithAllScopes(UUID.fromString(cluster.row(name, "workspace_id"))));
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

  @Test
  @Order(1)
  void everyRoleTellsWhatIsListedAndNothingElse() {
    // What was engaged a moment ago is told with the next look at the store.
    await()
        .atMost(SOON)
        .until(() -> controller.metrics().contains(Metric.WORKSPACE_KILLED.exported()));
    Map<String, RoleProcess> roles =
        Map.of("controller", controller, "api", api.process(), "ext-authz", extAuthz);
    roles.forEach((role, process) -> {
      Scrape scrape = Scrape.of(process.metrics());
      Set<String> listed = new TreeSet<>();
      for (Metric metric : Metric.values()) {
        // Where the access log is text, nothing is dropped of it.
        if (!metric.teller().isRole(role) || metric == Metric.ACCESS_LOG_DROPPED) {
          continue;
        }
        listed.add(metric.exported());
        Scrape.Family family = scrape.family(metric.exported());
        assertThat(family.type()).as(metric.exported()).isEqualTo(metric.kind().type());
        assertThat(family.help()).as(metric.exported()).isEqualTo(metric.meaning());
        assertThat(family.labels()).as(metric.exported()).isEqualTo(Set.copyOf(metric.labels()));
        if (metric.kind().hasMax()) {
          listed.add(metric.exported() + "_max");
        }
      }
      Set<String> told =
          scrape.families().keySet().stream()
              .filter(name -> name.startsWith(Metric.PREFIX))
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(told).as(role).isEqualTo(listed);
    });
  }

  /** To the micro-dollar, and of each once. */
  @Test
  @Order(2)
  void moneyIsThatOfTheBooks() throws Exception {
    String sum = cluster.query("SELECT sum(spent_micro_usd) FROM workspace_day");
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          Scrape scrape = Scrape.of(controller.metrics());
          assertThat(scrape.value("workspace_operator_spent_usd", "workspace_operator_spent_usd"))
              .contains(Long.parseLong(sum) / 1e6);
          assertThat(scrape.family("workspace_operator_workspace_spent_usd").samples().values())
              .containsExactlyInAnyOrder(8.5, 6.0, 8.5, 6.0, 0.5);
        });
  }

  @Test
  @Order(3)
  void whatTheGateHasDecidedIsCounted() throws Exception {
    Scrape scrape = Scrape.of(api.process().metrics());
    String admissions = "workspace_operator_admissions_total";
    String of = admissions + "{code=\"%s\",operation=\"%s\",outcome=\"%s\"}";
    assertThat(scrape.value(admissions, of.formatted("", "run", "admitted"))).contains(6.0);
    assertThat(scrape.value(admissions, of.formatted("", "step", "admitted"))).contains(5.0);
    assertThat(scrape.value(admissions, of.formatted("DAILY_BUDGET_EXCEEDED", "step", "refused")))
        .contains(1.0);
    assertThat(scrape.value(admissions, of.formatted("STORE_UNAVAILABLE", "run", "failed")))
        .as("told before it happens, so that a rate sees the first")
        .contains(0.0);
    // 4.9 reserved and 6 charged, twice.
    assertThat(value(scrape, "workspace_operator_over_reservation_charges_total")).isEqualTo(2);
    assertThat(value(scrape, "workspace_operator_over_reservation_usd_total"))
        .isCloseTo(2.2, within(1e-9));
    Scrape.Family sizes = scrape.family("workspace_operator_gate_batch_operations");
    assertThat(
            scrape
                .family("workspace_operator_gate_wait_seconds")
                .samples()
                .get("workspace_operator_gate_wait_seconds_count"))
        .as("each operation waited once")
        .isEqualTo(sizes.samples().get("workspace_operator_gate_batch_operations_sum"));
    assertThat(
            scrape.value(
                "workspace_operator_kill_switch_seconds",
                "workspace_operator_kill_switch_seconds_count{scope=\"workspace\"}"))
        .contains(1.0);
    assertThat(
            Scrape.of(controller.metrics())
                .value(
                    "workspace_operator_kill_switch_propagation_seconds",
                    "workspace_operator_kill_switch_propagation_seconds_count"))
        .contains(1.0);
    double before = value(scrape, "workspace_operator_lease_expiries_total");
    assertThat(before).isZero();
    String run = run("monthly").replace(RUNS + "/", "");
    cluster.execute(
        "UPDATE run SET lease_expires_at = operator_clock() WHERE run_id = '%s'".formatted(run));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    value(
                        Scrape.of(api.process().metrics()),
                        "workspace_operator_lease_expiries_total"))
                .isEqualTo(1));
  }

  private static double value(Scrape scrape, String name) {
    return scrape.value(name, name).orElseThrow();
  }

  @Test
  @Order(4)
  void aDecisionIsAnExampleOfItsCallersTrace() throws Exception {
    String run = run("monthly");
    HttpResponse<String> asked =
        send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + api.caller().port() + run + "/steps"))
                .header("X-API-Key", key("monthly"))
                .header("Content-Type", "application/json")
                .header("traceparent", "00-%s-b7ad6b7169203331-01".formatted(TRACE))
                .POST(HttpRequest.BodyPublishers.ofString("{\"max_cost_usd\":0.01}")));
    assertThat(asked.statusCode()).isEqualTo(201);

    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          HttpResponse<String> scraped =
              send(
                  HttpRequest.newBuilder(
                          URI.create("http://%s/metrics".formatted(api.process().management())))
                      .header(
                          "Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"));
          assertThat(scraped.headers().firstValue("Content-Type").orElseThrow())
              .startsWith("application/openmetrics-text");
          assertThat(scraped.body())
              .containsPattern(
                  "workspace_operator_admission_seconds_bucket\\{operation=\"step\",le=\"[^\"]+\"} \\d+ # \\{[^}]*trace_id=\""
                      + TRACE)
              .endsWith("# EOF\n");
        });
    assertThat(api.process().metrics()).doesNotContain("trace_id", "# EOF");
    readsEverythingAnew();
  }

  @Test
  @Order(5)
  void everyQueryOfEveryDashboardHasAnAnswer() throws IOException {
    List<String> queries = new ArrayList<>();
    try (Stream<Path> files = Files.list(DASHBOARDS)) {
      for (Path file : files.toList()) {
        queries.addAll(new ObjectMapper().readTree(file.toFile()).findValuesAsText("expr"));
      }
    }
    assertThat(queries).hasSizeGreaterThan(60);
    for (String query : queries) {
      String asked =
          query
              .replace("$job", "wo")
              .replace("$workspace", SHOWN)
              .replace("$__rate_interval", "2m");
      await()
          .atMost(SOON)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(250))
          .untilAsserted(() -> {
            JsonNode result = prometheus.query(asked);
            assertThat(result).as(asked).isNotEmpty();
            // Keys that were never fetched have no age; all else is a number.
            if (!asked.contains("jwks_age")) {
              assertThat(items(result).stream().map(series -> series.at("/value/1").asText()))
                  .as(asked)
                  .anyMatch(value -> !value.equals("NaN"));
            }
          });
    }
  }

  @Test
  @Order(6)
  void budgetsThatAreNearlyAndWhollyUsedAreTold() {
    fires("WorkspaceOperatorBudgetNearlySpent", Map.of("workspace", "near", "period", "day"));
    fires("WorkspaceOperatorBudgetNearlySpent", Map.of("workspace", "monthly", "period", "month"));
    fires("WorkspaceOperatorBudgetSpent", Map.of("workspace", "full", "period", "day"));
    fires("WorkspaceOperatorBudgetSpent", Map.of("workspace", "month-full", "period", "month"));
    assertThat(alerts("WorkspaceOperatorBudgetNearlySpent")).hasSize(2);
    assertThat(alerts("WorkspaceOperatorBudgetSpent")).hasSize(2);
  }

  @Test
  @Order(7)
  void aWorkspaceThatIsStalledIsTold() {
    fires("WorkspaceOperatorWorkspacesStalled", Map.of("reason", "SlugTaken"));
  }

  @Test
  @Order(8)
  void aKillSwitchThatIsOnForMoreThanADayIsTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorKillSwitchLong")).isEmpty();
    cluster.execute(
        "UPDATE workspace SET runtime_kill_switch_since = runtime_kill_switch_since - interval '25 hours'"
            + " WHERE resource_name = '%s'".formatted(SHOWN));

    fires("WorkspaceOperatorKillSwitchLong", Map.of());
  }

  @Test
  @Order(9)
  void aShareThatIsFullIsTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorShareFull")).isEmpty();
    try (InputStream open = stream("near")) {
      assertThat(open.read()).isPositive();
      firesWhile(
          "WorkspaceOperatorShareFull",
          Map.of("share", "event-streams", "whose", "one"),
          () -> assertThat(send(streamRequest("near")).statusCode()).isEqualTo(429));
    }
  }

  @Test
  @Order(10)
  void keysThatCannotBeFetchedAreTold() throws Exception {
    String token =
        "%s.%s.%s"
            .formatted(
                base64("{\"alg\":\"RS256\",\"kid\":\"k\"}"),
                base64("{\"iss\":\"https://issuer.example.com\",\"aud\":\"workspace-operator\"}"),
                base64("signature"));
    firesWhile(
        "WorkspaceOperatorKeySetTrouble",
        Map.of("issuer", "https://issuer.example.com"),
        () ->
            assertThat(
                    send(HttpRequest.newBuilder(
                                URI.create(
                                    "http://127.0.0.1:%d/v1/workspace/"
                                        .formatted(api.caller().port())))
                            .header("Authorization", "Bearer " + token))
                        .statusCode())
                .isNotEqualTo(200));
  }

  /** Somebody holds the row of a workspace, so that its admissions wait. */
  @Test
  @Order(11)
  void aQueueThatWaitsNearItsBoundIsTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorQueueNearBound")).isEmpty();
    String run = run("near");
    firesWhile(
        "WorkspaceOperatorQueueNearBound",
        Map.of(),
        () -> {
          try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
              Connection holder = Sessions.open(database.url());
              Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            boolean _ =
                statement.execute(
                    "SELECT 1 FROM workspace WHERE resource_name = 'near' FOR UPDATE");
            for (int i = 0; i < 10; i++) {
              var _ = callers.submit(() -> step(run, "near", "0.001"));
            }
            // Longer than the second that the alert is about, shorter than the two that an
            // operation may wait.
            boolean _ = statement.execute("SELECT pg_sleep(1.5)");
            holder.rollback();
          }
        });
  }

  @Test
  @Order(12)
  void reconciliationsThatFailAreTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorReconcileErrors")).isEmpty();
    cluster.execute("ALTER TABLE api_key RENAME TO api_key_away");
    try {
      cluster.patch("near", "{\"spec\":{\"name\":\"Nearly\"}}");

      fires("WorkspaceOperatorReconcileErrors", Map.of());
    } finally {
      cluster.execute("ALTER TABLE api_key_away RENAME TO api_key");
    }
  }

  @Test
  @Order(13)
  void aStoreThatIsDownIsToldAndThatNothingIsAdmittedMeanwhile() throws Exception {
    assertThat(alerts("WorkspaceOperatorStoreDown")).isEmpty();
    database.stop();
    try {
      firesWhile(
          "WorkspaceOperatorFailingClosed",
          Map.of(),
          () ->
              assertThat(api.caller().get(key("near"), "/v1/workspace/").status()).isEqualTo(503));
      fires("WorkspaceOperatorStoreDown", Map.of());
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(Scrape.of(controller.metrics()).families().keySet())
                  .as("no figures rather than old ones")
                  .contains("workspace_operator_store_up", "workspace_operator_conditions")
                  .doesNotContain(
                      "workspace_operator_spent_usd", "workspace_operator_workspace_spent_usd"));
      assertThat(alerts("WorkspaceOperatorNoLeader")).as("it leads all the same").isEmpty();
    } finally {
      database.start();
    }
  }

  @Test
  @Order(14)
  void thatNobodyLeadsIsTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorNoLeader")).isEmpty();
    controller.kill();

    fires("WorkspaceOperatorNoLeader", Map.of());
  }

  /** Whatever is there is to Prometheus's taste: one line that is not, and it takes none. */
  private static void readsEverythingAnew() {
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

  private static void fires(String alert, Map<String, String> labels) {
    firesWhile(alert, labels, () -> {});
  }

  private static void firesWhile(String alert, Map<String, String> labels, Happening happening) {
    await()
        .atMost(SOON)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(300))
        .untilAsserted(() -> {
          happening.happens();
          assertThat(alerts(alert))
              .as("%s with %s; %s", alert, labels, prometheus.logTail())
              .anyMatch(firing ->
                  labels.entrySet().stream()
                      .allMatch(label ->
                          firing
                              .path("labels")
                              .path(label.getKey())
                              .asText()
                              .equals(label.getValue())));
        });
  }

  private static List<JsonNode> alerts(String name) {
    return items(prometheus.alerts()).stream()
        .filter(alert -> alert.at("/labels/alertname").asText().equals(name))
        .filter(alert -> alert.path("state").asText().equals("firing"))
        .toList();
  }

  /** What is asked for again and again, until Prometheus has seen it. */
  @FunctionalInterface
  private interface Happening {
    void happens() throws Exception;
  }

  private static void spend(String name, String reserved, String cost) throws IOException {
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

  private static String run(String name) throws IOException {
    Reply run = api.call(key(name), "POST", RUNS, "{\"user_id\":\"alice\"}");
    assertThat(run.status()).as(run.json().toString()).isEqualTo(201);
    return RUNS + "/" + run.json().path("id").asText();
  }

  private static Reply step(String run, String name, String reserved) throws IOException {
    return api.call(key(name), "POST", run + "/steps", "{\"max_cost_usd\":%s}".formatted(reserved));
  }

  private static void kill(boolean active) throws IOException {
    Reply killed =
        api.call(
            key(SHOWN),
            "POST",
            ApiCaller.KILL_SWITCH,
            "{\"active\":%b,\"reason\":\"drill\"}".formatted(active));
    assertThat(killed.status()).isEqualTo(200);
  }

  private static String key(String name) {
    return Objects.requireNonNull(KEYS.get(name));
  }

  private static HttpRequest.Builder streamRequest(String name) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d/v1/workspace/events".formatted(api.caller().port())))
        .header("X-API-Key", key(name));
  }

  private static InputStream stream(String name) throws IOException, InterruptedException {
    HttpResponse<InputStream> open =
        HTTP.send(streamRequest(name).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(open.statusCode()).isEqualTo(200);
    return open.body();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return HTTP.send(
        request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static List<JsonNode> items(JsonNode array) {
    List<JsonNode> items = new ArrayList<>();
    array.forEach(items::add);
    return items;
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A receiver that is not there: each attempt fails, and is counted. */
  private static Path notifications() throws IOException {
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
  private static Path issuers() throws IOException {
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

  private static String configuration() throws IOException, InterruptedException {
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
  private static String rules() throws IOException, InterruptedException {
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
}
