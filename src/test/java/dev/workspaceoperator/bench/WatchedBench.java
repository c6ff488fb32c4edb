package dev.workspaceoperator.bench;

import dev.workspaceoperator.bench.Tenants.Tenant;
import dev.workspaceoperator.trace.OtlpEndpoint;
import dev.workspaceoperator.trace.OtlpEndpoint.Temper;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code ./mvnw -Pbench -Dbench=WatchedBench}: what it costs admissions to be told of. A replica
 * that logs each request as JSON, is scraped every second and exports spans, beside one that does
 * none of that, in pairs that take turns on one database.
 */
public final class WatchedBench {
  private static final Duration SCRAPE_EVERY = Duration.ofSeconds(5);
  private static final int PAIRS = 7;
  private static final int CONNECTIONS = 128;
  private static final int WARM_UP_CONNECTIONS = 16;
  private static final int WORKSPACES = 200;
  private static final double SECONDS = Integer.getInteger("bench.seconds", 15);
  private static final double WARM_UP_SECONDS = Integer.getInteger("bench.warm", 90) / 3.0;
  private static final double GOAL = 0.95;

  private final GateLab lab;
  private final Report report;
  private final List<Tenant> tenants;

  private WatchedBench(GateLab lab, Report report, List<Tenant> tenants) {
    this.lab = lab;
    this.report = report;
    this.tenants = tenants;
  }

  /** Takes no arguments that it heeds. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException {
    Report report =
        new Report(
            "admissions watched",
            "%d connections, %d workspaces, median of %d pairs that take turns, %.0f s each"
                .formatted(CONNECTIONS, WORKSPACES, PAIRS, SECONDS));
    try (GateLab lab = GateLab.open();
        OtlpEndpoint collector = OtlpEndpoint.start(Temper.FORGETS)) {
      Tenants tenants = new Tenants(lab);
      tenants.fillUpTo(WORKSPACES);
      new WatchedBench(lab, report, tenants.pick(WORKSPACES)).run(collector.url());
    }
    report.finish();
  }

  private void run(String collector) throws IOException, InterruptedException, SQLException {
    Side off = new Side(lab.startReplica(List.of("--log-level=error"), Map.of()), Watch.NONE);
    Side shipped =
        new Side(
            lab.startReplica(
                List.of(),
                traced(collector, "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG", "0.01")),
            Watch.SCRAPED);
    Side all = new Side(lab.startReplica(List.of(), traced(collector, "always_on")), Watch.SCRAPED);
    for (Side side : List.of(off, shipped, all)) {
      HttpLoad.Result _ = load(side, WARM_UP_CONNECTIONS, WARM_UP_SECONDS);
    }
    List<Double> ratios = new ArrayList<>();
    List<Double> ratiosOfAll = new ArrayList<>();
    for (int pair = 0; pair < PAIRS; pair++) {
      ratios.add(ratio(off, shipped, pair));
      ratiosOfAll.add(ratio(off, all, pair));
    }
    tell("Metrics, JSON logs and traces with the sampling that ships (1 %)", off, shipped, ratios);
    tell("The same with every trace kept (`always_on`)", off, all, ratiosOfAll);
  }

  /** How fast a side is beside none, in one pair; each goes first as often as the other. */
  private double ratio(Side off, Side on, int pair)
      throws IOException, InterruptedException, SQLException {
    lab.settleDown();
    boolean onFirst = pair % 2 == 1;
    double first = measure(onFirst ? on : off);
    double second = measure(onFirst ? off : on);
    double ratio = onFirst ? first / second : second / first;
    Report.say("%s: %.3f×".formatted(on.replica.port(), ratio));
    return ratio;
  }

  private double measure(Side side) throws IOException, InterruptedException {
    double perSecond;
    if (side.watch == Watch.SCRAPED) {
      try (Scraping _ = Scraping.of(side)) {
        perSecond = load(side, CONNECTIONS, SECONDS).perSecond();
      }
    } else {
      perSecond = load(side, CONNECTIONS, SECONDS).perSecond();
    }
    side.perSecond.add(perSecond);
    return perSecond;
  }

  private HttpLoad.Result load(Side side, int connections, double seconds)
      throws IOException, InterruptedException {
    if (side.requests.isEmpty()) {
      for (Tenant tenant : tenants) {
        side.requests.add(tenant.run(side.replica.port(), "ada").wire());
      }
    }
    try (HttpLoad load = new HttpLoad(side.replica.port(), connections, side.requests)) {
      return load.asFastAsItGoes(seconds);
    }
  }

  private void tell(String what, Side off, Side on, List<Double> ratios)
      throws InterruptedException {
    double ratio = median(ratios);
    report.goal(
        what,
        "%.3f× of none of them (%s); median %,.0f/s beside %,.0f/s"
            .formatted(ratio, sorted(ratios), median(on.perSecond), median(off.perSecond)),
        "≥ %.2f×".formatted(GOAL),
        ratio >= GOAL);
    report.figure(
        "Spans lost meanwhile",
        "%,.0f"
            .formatted(on.replica.process().metric("workspace_operator_trace_spans_lost_total")));
  }

  private static Map<String, String> traced(String collector, String sampler, String... more) {
    Map<String, String> variables = new HashMap<>();
    variables.put("OTEL_EXPORTER_OTLP_ENDPOINT", collector);
    variables.put("OTEL_TRACES_SAMPLER", sampler);
    for (int i = 0; i < more.length; i += 2) {
      variables.put(more[i], more[i + 1]);
    }
    return variables;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static String sorted(List<Double> values) {
    return String.join(", ", values.stream().sorted().map("%.2f"::formatted).toList());
  }

  /** A replica, and what was measured of it. */
  private static final class Side {
    private final GateLab.Replica replica;
    private final Watch watch;
    private final List<String> requests = new ArrayList<>();
    private final List<Double> perSecond = new ArrayList<>();

    private Side(GateLab.Replica replica, Watch watch) {
      this.replica = replica;
      this.watch = watch;
    }
  }

  /** Who looks at a side's figures. */
  private enum Watch {
    NONE,
    SCRAPED
  }

  /** Asks for the figures more often than Prometheus does by default, which is once a minute. */
  private record Scraping(Thread thread) implements AutoCloseable {
    static Scraping of(Side side) {
      return new Scraping(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (!Thread.currentThread().isInterrupted()) {
                    var _ = side.replica.process().metric("workspace_operator_store_up");
                    Thread.sleep(SCRAPE_EVERY);
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
    }

    @Override
    public void close() {
      thread.interrupt();
    }
  }
}
