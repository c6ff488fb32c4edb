package dev.workspaceoperator.app;

import dev.workspaceoperator.controller.ConditionCensus;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.port.WorkspaceFigures;
import io.micrometer.core.instrument.Timer;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leading controller tells of all workspaces of its cluster. It alone does, and each
 * workspace is of one cluster: sums over everything that is scraped count none twice.
 *
 * <p>Read when somebody scrapes, and at most once in {@link #FRESH_FOR}, however many scrape. While
 * the store is away there are no figures of it, rather than old ones; and no scrape waits for it.
 */
final class LeaderFigures implements MultiCollector, Metrics.Lines, AutoCloseable {
  static final Duration FRESH_FOR = Duration.ofSeconds(5);

  /** Whatever the store does, a scrape is answered. */
  private static final Duration WAITED_FOR = Duration.ofMillis(500);

  /** So long, what was read before is told while the next read takes longer than that. */
  private static final Duration TOLD_FOR = Duration.ofSeconds(20);

  private static final Logger log = LoggerFactory.getLogger(LeaderFigures.class);

  private final Source source;
  private final PlanDefaults defaults;
  private final WorkspaceLabel label;
  private final Metrics metrics;
  private final Timer reads;
  private Read read = Read.NOTHING;
  private Optional<Long> readAtNanos = Optional.empty();

  /** Once is enough for one time that they cannot be read. */
  private volatile boolean isTold;

  private CompletableFuture<?> underWay = CompletableFuture.completedFuture(true);

  private LeaderFigures(
      Source source, PlanDefaults defaults, WorkspaceLabel label, Metrics metrics) {
    this.source = source;
    this.defaults = defaults;
    this.label = label;
    this.metrics = metrics;
    this.reads = Metric.FIGURES_TIME.timer(metrics.registry());
  }

  /**
   * Where the figures come from.
   *
   * @param conditions how many Workspaces have which
   * @param workspaces reads what the store says of each
   * @param platformLatchSeconds for how long the Platform latch has been engaged, if it is
   * @param storeUp whether it is worth asking the store
   */
  record Source(
      Supplier<Map<ConditionCensus.Kind, Integer>> conditions,
      Consumer<Consumer<WorkspaceFigures>> workspaces,
      Supplier<Optional<Double>> platformLatchSeconds,
      BooleanSupplier storeUp) {}

  /** What one look has found. */
  private record Read(List<MetricSnapshot> ofAll, WorkspaceTable ofEach) {
    private static final Read NOTHING = new Read(List.of(), new WorkspaceTable());
  }

  /** Tells them from now on, until it is closed. */
  static LeaderFigures start(
      Source source, PlanDefaults defaults, WorkspaceLabel label, Metrics metrics) {
    LeaderFigures figures = new LeaderFigures(source, defaults, label, metrics);
    metrics.registry().getPrometheusRegistry().register(figures);
    metrics.alsoWrite(figures);
    return figures;
  }

  @Override
  public MetricSnapshots collect() {
    List<MetricSnapshot> all = new ArrayList<>(ofStore());
    List<GaugeDataPointSnapshot> conditions = new ArrayList<>();
    source
        .conditions()
        .get()
        .forEach((kind, count) ->
            conditions.add(
                new GaugeDataPointSnapshot(
                    count,
                    Labels.of(
                        "type", kind.type(), "status", kind.status(), "reason", kind.reason()),
                    null)));
    all.add(WorkspaceSeries.snapshot(Metric.CONDITIONS, conditions));
    return new MetricSnapshots(all);
  }

  /** The series of each workspace, of what {@link #collect} told last. */
  @Override
  public void write(Writer text) throws IOException {
    recent().ofEach().write(text);
  }

  @Override
  public void close() {
    metrics.stopWriting(this);
    metrics.registry().getPrometheusRegistry().unregister(this);
  }

  private List<MetricSnapshot> ofStore() {
    if (!source.storeUp().getAsBoolean()) {
      forget();
      return List.of();
    }
    CompletableFuture<?> looked = lookIfDue();
    try {
      var _ = looked.get(WAITED_FOR.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.debug("A scrape does not wait for figures that are still being read", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a look never ends so", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return recent().ofAll();
  }

  /** What was read last, unless that is too old. */
  private synchronized Read recent() {
    return isYoungerThan(TOLD_FOR) ? read : Read.NOTHING;
  }

  private synchronized CompletableFuture<?> lookIfDue() {
    if (underWay.isDone() && !isYoungerThan(FRESH_FOR)) {
      CompletableFuture<Boolean> look = new CompletableFuture<>();
      underWay = look;
      Thread.startVirtualThread(() -> {
        try {
          look();
        } finally {
          look.complete(true);
        }
      });
    }
    return underWay;
  }

  private boolean isYoungerThan(Duration age) {
    return readAtNanos.filter(at -> System.nanoTime() - at < age.toNanos()).isPresent();
  }

  private void look() {
    long startedAtNanos = System.nanoTime();
    WorkspaceSeries series = new WorkspaceSeries(defaults, label);
    Read found = Read.NOTHING;
    try {
      source.workspaces().accept(series::add);
      found = new Read(series.snapshots(source.platformLatchSeconds().get()), series.table());
      isTold = false;
    } catch (RuntimeException e) {
      // The other figures must be told all the same: those of a store in trouble above all.
      if (!isTold) {
        log.atWarn()
            .addKeyValue("cause", e.getMessage())
            .log(
                "The figures of workspaces cannot be read; it is tried again when somebody scrapes");
      }
      isTold = true;
    }
    replace(found);
    reads.record(System.nanoTime() - startedAtNanos, TimeUnit.NANOSECONDS);
  }

  private synchronized void replace(Read found) {
    read = found;
    readAtNanos = Optional.of(System.nanoTime());
  }

  private synchronized void forget() {
    read = Read.NOTHING;
    readAtNanos = Optional.empty();
  }
}
