package dev.workspaceoperator.app;

import static dev.workspaceoperator.app.ObservedSite.SHOWN;
import static dev.workspaceoperator.app.ObservedSite.SOON;
import static dev.workspaceoperator.app.ObservedSite.items;
import static dev.workspaceoperator.app.ObservedSite.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every alert of the chart fires when what it is about happens, in a real Prometheus that reads the
 * real roles. Each alert's own time is left out.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class AlertsIT {
  private static final String EVENTS = "/v1/workspace/events";

  @RegisterExtension static final RoleProcesses PROCESSES = RoleProcesses.ofAllTests();

  @TempDir private static Path directory;

  @AutoClose private static ObservedSite site;

  @BeforeAll
  static void start() throws Exception {
    site = ObservedSite.start(PROCESSES, directory);
    site.prepare();
  }

  @Test
  @Order(1)
  void budgetsThatAreNearlyAndWhollyUsedAreTold() {
    fires("WorkspaceOperatorBudgetNearlySpent", Map.of("workspace", "near", "period", "day"));
    fires("WorkspaceOperatorBudgetNearlySpent", Map.of("workspace", "monthly", "period", "month"));
    fires("WorkspaceOperatorBudgetSpent", Map.of("workspace", "full", "period", "day"));
    fires("WorkspaceOperatorBudgetSpent", Map.of("workspace", "month-full", "period", "month"));
    assertThat(alerts("WorkspaceOperatorBudgetNearlySpent")).hasSize(2);
    assertThat(alerts("WorkspaceOperatorBudgetSpent")).hasSize(2);
  }

  @Test
  @Order(2)
  void aWorkspaceThatIsStalledIsTold() {
    fires("WorkspaceOperatorWorkspacesStalled", Map.of("reason", "SlugTaken"));
  }

  @Test
  @Order(3)
  void aKillSwitchThatIsOnForMoreThanADayIsTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorKillSwitchLong")).isEmpty();
    site.cluster.execute(
        "UPDATE workspace SET runtime_kill_switch_since = runtime_kill_switch_since - interval '25 hours'"
            + " WHERE resource_name = '%s'".formatted(SHOWN));

    fires("WorkspaceOperatorKillSwitchLong", Map.of());
  }

  @Test
  @Order(4)
  void aShareThatIsFullIsTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorShareFull")).isEmpty();
    try (InputStream open = stream("near")) {
      assertThat(open.read()).isPositive();
      firesWhile(
          "WorkspaceOperatorShareFull",
          Map.of("share", "event-streams", "whose", "one"),
          () -> assertThat(send(site.request("near", EVENTS)).statusCode()).isEqualTo(429));
    }
  }

  @Test
  @Order(5)
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
                                        .formatted(site.api.caller().port())))
                            .header("Authorization", "Bearer " + token))
                        .statusCode())
                .isNotEqualTo(200));
  }

  /** Somebody holds the row of a workspace, so that its admissions wait. */
  @Test
  @Order(6)
  void aQueueThatWaitsNearItsBoundIsTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorQueueNearBound")).isEmpty();
    String run = site.run("near");
    firesWhile(
        "WorkspaceOperatorQueueNearBound",
        Map.of(),
        () -> {
          try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
              Connection holder = Sessions.open(site.database.url());
              Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            boolean _ =
                statement.execute(
                    "SELECT 1 FROM workspace WHERE resource_name = 'near' FOR UPDATE");
            for (int i = 0; i < 10; i++) {
              var _ = callers.submit(() -> site.step(run, "near", "0.001"));
            }
            // Longer than the second that the alert is about, shorter than the two that an
            // operation may wait.
            boolean _ = statement.execute("SELECT pg_sleep(1.5)");
            holder.rollback();
          }
        });
  }

  @Test
  @Order(7)
  void reconciliationsThatFailAreTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorReconcileErrors")).isEmpty();
    site.cluster.execute("ALTER TABLE api_key RENAME TO api_key_away");
    try {
      site.cluster.patch("near", "{\"spec\":{\"name\":\"Nearly\"}}");

      fires("WorkspaceOperatorReconcileErrors", Map.of());
    } finally {
      site.cluster.execute("ALTER TABLE api_key_away RENAME TO api_key");
    }
  }

  @Test
  @Order(8)
  void aStoreThatIsDownIsToldAndThatNothingIsAdmittedMeanwhile() throws Exception {
    assertThat(alerts("WorkspaceOperatorStoreDown")).isEmpty();
    site.database.stop();
    try {
      firesWhile(
          "WorkspaceOperatorFailingClosed",
          Map.of(),
          () ->
              assertThat(site.api.caller().get(site.key("near"), "/v1/workspace/").status())
                  .isEqualTo(503));
      fires("WorkspaceOperatorStoreDown", Map.of());
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(Scrape.of(site.controller.metrics()).families().keySet())
                  .as("no figures rather than old ones")
                  .contains("workspace_operator_store_up", "workspace_operator_conditions")
                  .doesNotContain(
                      "workspace_operator_spent_usd", "workspace_operator_workspace_spent_usd"));
      assertThat(alerts("WorkspaceOperatorNoLeader")).as("it leads all the same").isEmpty();
    } finally {
      site.database.start();
    }
  }

  @Test
  @Order(9)
  void thatNobodyLeadsIsTold() throws Exception {
    assertThat(alerts("WorkspaceOperatorNoLeader")).isEmpty();
    site.controller.kill();

    fires("WorkspaceOperatorNoLeader", Map.of());
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
              .as("%s with %s; %s", alert, labels, site.prometheus.logTail())
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
    return items(site.prometheus.alerts()).stream()
        .filter(alert -> alert.at("/labels/alertname").asText().equals(name))
        .filter(alert -> alert.path("state").asText().equals("firing"))
        .toList();
  }

  /** What is asked for again and again, until Prometheus has seen it. */
  @FunctionalInterface
  private interface Happening {
    void happens() throws Exception;
  }

  private static InputStream stream(String name) throws IOException, InterruptedException {
    HttpResponse<InputStream> open =
        ObservedSite.HTTP.send(
            site.request(name, EVENTS).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(open.statusCode()).isEqualTo(200);
    return open.body();
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
