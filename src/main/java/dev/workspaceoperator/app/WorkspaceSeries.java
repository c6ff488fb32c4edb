package dev.workspaceoperator.app;

import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.WorkspaceFigures;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What one look at all workspaces of a cluster says in metrics: sums, and series of each workspace
 * if they are wanted.
 */
final class WorkspaceSeries {
  private static final double MICROS = 1e6;
  private static final double MILLIS = 1e3;
  private static final double NEARLY_USED = 0.8;
  private static final String DAY = "day";
  private static final String MONTH = "month";

  private final PlanDefaults defaults;
  private final WorkspaceLabel label;
  private final Map<Metric, List<GaugeDataPointSnapshot>> points = new EnumMap<>(Metric.class);
  private final Map<StoredWorkspace.State, Integer> ofState =
      new EnumMap<>(StoredWorkspace.State.class);
  private final WorkspaceTable table = new WorkspaceTable();
  private final BudgetCount days = new BudgetCount();
  private final BudgetCount months = new BudgetCount();
  private int killed;
  private long activeRuns;
  private long spentMicroUsd;
  private long monthSpentMicroUsd;
  private long longestKillMillis;

  WorkspaceSeries(PlanDefaults defaults, WorkspaceLabel label) {
    this.defaults = defaults;
    this.label = label;
  }

  /** Adds one. */
  void add(WorkspaceFigures figures) {
    EffectiveSettings effective = figures.effective(defaults);
    Usage usage = figures.usage();
    Budget day = effective.budget(Setting.DAILY_BUDGET).value();
    Budget month = effective.budget(Setting.MONTHLY_BUDGET).value();
    Optional<Long> killMillis = killMillis(figures);
    ofState.merge(figures.state(), 1, Integer::sum);
    activeRuns += usage.activeRuns();
    spentMicroUsd += usage.spent().micros();
    monthSpentMicroUsd += usage.month().spent().micros();
    days.add(used(usage), day);
    months.add(usedInMonth(usage), month);
    if (killMillis.isPresent()) {
      killed++;
      longestKillMillis = Math.max(longestKillMillis, killMillis.get());
    }
    if (label == WorkspaceLabel.TOLD) {
      table.add(figures.label(), figures.identity().namespace());
      table.set(Metric.WORKSPACE_SPENT, usage.spent().micros());
      table.set(Metric.WORKSPACE_RESERVED, usage.reserved().micros());
      table.set(Metric.WORKSPACE_MONTH_SPENT, usage.month().spent().micros());
      table.set(Metric.WORKSPACE_ACTIVE_RUNS, usage.activeRuns());
      table.set(Metric.WORKSPACE_RUNS_MAX, effective.count(Setting.MAX_CONCURRENT_RUNS).value());
      if (!day.isUnlimited()) {
        table.set(Metric.WORKSPACE_BUDGET, day.micros());
      }
      if (!month.isUnlimited()) {
        table.set(Metric.WORKSPACE_MONTH_BUDGET, month.micros());
        table.set(Metric.WORKSPACE_MONTH_RESERVED, usage.month().reserved().micros());
      }
      killMillis.ifPresent(millis -> table.set(Metric.WORKSPACE_KILLED, millis));
    }
  }

  /** The series of each workspace; none where they are not wanted. */
  WorkspaceTable table() {
    return table;
  }

  /**
   * What is told of all together.
   *
   * @param platformSeconds for how long the Platform latch has been engaged, if it is
   */
  List<MetricSnapshot> snapshots(Optional<Double> platformSeconds) {
    for (StoredWorkspace.State state :
        List.of(StoredWorkspace.State.PRESENT, StoredWorkspace.State.FROZEN)) {
      point(
          Metric.WORKSPACES,
          Labels.of("state", state.name().toLowerCase(Locale.ROOT)),
          ofState.getOrDefault(state, 0));
    }
    point(Metric.WORKSPACES_KILLED, Labels.EMPTY, killed);
    point(Metric.PLATFORM_KILL_SWITCH, Labels.EMPTY, platformSeconds.isPresent() ? 1 : 0);
    point(
        Metric.KILL_SWITCH_LONGEST,
        Labels.EMPTY,
        Math.max(longestKillMillis / MILLIS, platformSeconds.orElse(0.0)));
    point(Metric.SPENT, Labels.EMPTY, spentMicroUsd / MICROS);
    point(Metric.MONTH_SPENT, Labels.EMPTY, monthSpentMicroUsd / MICROS);
    point(Metric.ACTIVE_RUNS, Labels.EMPTY, (double) activeRuns);
    used(DAY, days);
    used(MONTH, months);
    List<MetricSnapshot> snapshots = new ArrayList<>();
    points.forEach((metric, series) -> snapshots.add(snapshot(metric, series)));
    return snapshots;
  }

  /** One gauge with all its series. */
  static MetricSnapshot snapshot(Metric metric, List<GaugeDataPointSnapshot> series) {
    return new GaugeSnapshot(new MetricMetadata(metric.exported(), metric.meaning()), series);
  }

  private void used(String period, BudgetCount count) {
    point(
        Metric.WORKSPACES_BUDGET_USED,
        Labels.of("period", period, "at_least", "0.8"),
        count.nearly);
    point(Metric.WORKSPACES_BUDGET_USED, Labels.of("period", period, "at_least", "1"), count.all);
  }

  private void point(Metric metric, Labels labels, double value) {
    points
        .computeIfAbsent(metric, _ -> new ArrayList<>())
        .add(new GaugeDataPointSnapshot(value, labels, null));
  }

  private static long used(Usage usage) {
    return usage.spent().micros() + usage.reserved().micros();
  }

  private static long usedInMonth(Usage usage) {
    return usage.month().spent().micros() + usage.month().reserved().micros();
  }

  /** By the latch that has been engaged longest. */
  private static Optional<Long> killMillis(WorkspaceFigures figures) {
    return figures.layers().killSwitch().latches().stream()
        .map(KillLatch::since)
        .map(since -> Duration.between(since, figures.now()).toMillis())
        .max(Long::compare);
  }

  /** How many have used how much of their budget. */
  private static final class BudgetCount {
    private int nearly;
    private int all;

    private void add(long usedMicroUsd, Budget budget) {
      if (budget.isUnlimited()) {
        return;
      }
      if (usedMicroUsd >= budget.micros()) {
        all++;
      }
      if (usedMicroUsd >= NEARLY_USED * budget.micros()) {
        nearly++;
      }
    }
  }
}
