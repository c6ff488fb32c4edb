package dev.workspaceoperator.app;

import static dev.workspaceoperator.app.ObservedSite.RUNS;
import static dev.workspaceoperator.app.ObservedSite.SOON;
import static dev.workspaceoperator.app.ObservedSite.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.metric.Metric;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
 * The roles tell the figures that docs/metrics.md lists, they are true, and a real Prometheus reads
 * them.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ObservabilityIT {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

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
  void everyRoleTellsWhatIsListedAndNothingElse() {
    // What was engaged a moment ago is told with the next look at the store.
    await()
        .atMost(SOON)
        .until(() -> site.controller.metrics().contains(Metric.WORKSPACE_KILLED.exported()));
    Map<String, RoleProcess> roles =
        Map.of(
            "controller", site.controller, "api", site.api.process(), "ext-authz", site.extAuthz);
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
    String sum = site.cluster.query("SELECT sum(spent_micro_usd) FROM workspace_day");
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          Scrape scrape = Scrape.of(site.controller.metrics());
          assertThat(scrape.value("workspace_operator_spent_usd", "workspace_operator_spent_usd"))
              .contains(Long.parseLong(sum) / 1e6);
          assertThat(scrape.family("workspace_operator_workspace_spent_usd").samples().values())
              .containsExactlyInAnyOrder(8.5, 6.0, 8.5, 6.0, 0.5);
        });
  }

  @Test
  @Order(3)
  void whatTheGateHasDecidedIsCounted() throws Exception {
    Scrape scrape = Scrape.of(site.api.process().metrics());
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
            Scrape.of(site.controller.metrics())
                .value(
                    "workspace_operator_kill_switch_propagation_seconds",
                    "workspace_operator_kill_switch_propagation_seconds_count"))
        .contains(1.0);
    double before = value(scrape, "workspace_operator_lease_expiries_total");
    assertThat(before).isZero();
    String run = site.run("monthly").replace(RUNS + "/", "");
    site.cluster.execute(
        "UPDATE run SET lease_expires_at = operator_clock() WHERE run_id = '%s'".formatted(run));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    value(
                        Scrape.of(site.api.process().metrics()),
                        "workspace_operator_lease_expiries_total"))
                .isEqualTo(1));
  }

  private static double value(Scrape scrape, String name) {
    return scrape.value(name, name).orElseThrow();
  }

  @Test
  @Order(4)
  void aDecisionIsAnExampleOfItsCallersTrace() throws Exception {
    String run = site.run("monthly");
    HttpResponse<String> asked =
        send(
            site.request("monthly", run + "/steps")
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
                          URI.create(
                              "http://%s/metrics".formatted(site.api.process().management())))
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
    assertThat(site.api.process().metrics()).doesNotContain("trace_id", "# EOF");
    site.readsEverythingAnew();
  }
}
