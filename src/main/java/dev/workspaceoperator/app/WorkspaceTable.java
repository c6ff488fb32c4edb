package dev.workspaceoperator.app;

import dev.workspaceoperator.metric.Metric;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The series of each workspace. Kept as columns of numbers and written as text, line by line: as
 * objects those of 10,000 workspaces would be a large part of the controller's heap.
 */
final class WorkspaceTable {
  private static final double MICROS = 1e6;
  private static final double MILLIS = 1e3;
  private static final long NONE = Long.MIN_VALUE;
  private static final int FIRST_CAPACITY = 64;

  private static final List<Column> COLUMNS =
      List.of(
          new Column(Metric.WORKSPACE_SPENT, MICROS),
          new Column(Metric.WORKSPACE_RESERVED, MICROS),
          new Column(Metric.WORKSPACE_BUDGET, MICROS),
          new Column(Metric.WORKSPACE_MONTH_SPENT, MICROS),
          new Column(Metric.WORKSPACE_MONTH_RESERVED, MICROS),
          new Column(Metric.WORKSPACE_MONTH_BUDGET, MICROS),
          new Column(Metric.WORKSPACE_ACTIVE_RUNS, 1),
          new Column(Metric.WORKSPACE_RUNS_MAX, 1),
          new Column(Metric.WORKSPACE_KILLED, MILLIS));

  private final List<String> workspaces = new ArrayList<>();
  private final List<String> namespaces = new ArrayList<>();

  /** Thousands of workspaces have few of them. */
  private final Map<String, String> sameNamespaces = new HashMap<>();

  private final Map<Metric, long[]> values = new HashMap<>();

  /**
   * One figure of every workspace.
   *
   * @param scale what a stored number is divided by
   */
  private record Column(Metric metric, double scale) {}

  /** Adds a workspace that has no figure yet. */
  void add(String workspace, String namespace) {
    workspaces.add(workspace);
    namespaces.add(sameNamespaces.computeIfAbsent(namespace, same -> same));
  }

  /** Sets a figure of the last one, in its smallest unit: micro-USD, runs, milliseconds. */
  void set(Metric metric, long value) {
    int row = workspaces.size() - 1;
    long[] column = values.computeIfAbsent(metric, _ -> filled(new long[FIRST_CAPACITY], 0));
    if (row >= column.length) {
      column = filled(Arrays.copyOf(column, Math.max(row + 1, 2 * column.length)), column.length);
      values.put(metric, column);
    }
    column[row] = value;
  }

  /** Writes every series, in what the text format and OpenMetrics have in common. */
  void write(Writer text) throws IOException {
    for (Column column : COLUMNS) {
      long[] figures = values.getOrDefault(column.metric, new long[0]);
      boolean begun = false;
      for (int row = 0; row < Math.min(figures.length, workspaces.size()); row++) {
        if (figures[row] == NONE) {
          continue;
        }
        if (!begun) {
          begin(text, column.metric);
          begun = true;
        }
        // Both are names of Kubernetes, so that nothing is to be escaped.
        text.append(column.metric.exported())
            .append("{workspace=\"")
            .append(workspaces.get(row))
            .append("\",workspace_namespace=\"")
            .append(namespaces.get(row))
            .append("\"} ")
            .append(Double.toString(figures[row] / column.scale))
            .append('\n');
      }
    }
  }

  private static void begin(Writer text, Metric metric) throws IOException {
    text.append("# HELP ").append(metric.exported()).append(' ').append(metric.meaning());
    text.append("\n# TYPE ").append(metric.exported()).append(" gauge\n");
  }

  private static long[] filled(long[] column, int from) {
    Arrays.fill(column, from, column.length, NONE);
    return column;
  }
}
