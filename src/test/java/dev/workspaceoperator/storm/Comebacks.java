package dev.workspaceoperator.storm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * After each failover, how long each client waited for its first answer: from when the new primary
 * accepted connections, or from its request where that came later.
 */
final class Comebacks {
  private final Map<String, List<Double>> seconds = new TreeMap<>();
  private String kind = "";
  private long servesSince;
  private volatile int number;

  /** A new primary accepts connections now. */
  synchronized void serves(Blow.Kind ofKind) {
    kind = ofKind.toString();
    servesSince = System.nanoTime();
    number++;
  }

  /**
   * A client was answered, and not by 503.
   *
   * @param seen what this gave the client before
   * @param askedAt when it began to ask, by {@link System#nanoTime()}
   * @param replica which answered
   * @return what the client has seen now
   */
  int answered(int seen, long askedAt, int replica) {
    if (seen == number) {
      return seen;
    }
    long now = System.nanoTime();
    synchronized (this) {
      double waited = (now - Math.max(askedAt, servesSince)) / 1e9;
      seconds
          .computeIfAbsent("%s, %s".formatted(kind, Failovers.way(replica)), _ -> new ArrayList<>())
          .add(waited);
      return number;
    }
  }

  /** A manifest that was changed then has come into force. */
  synchronized void declared(Blow.Kind ofKind, long changedAt) {
    seconds
        .computeIfAbsent(ofKind + ", a manifest", _ -> new ArrayList<>())
        .add((System.nanoTime() - changedAt) / 1e9);
  }

  /** The longest of all; 0 if there was none. */
  synchronized double longest() {
    return seconds.values().stream().mapToDouble(Collections::max).max().orElse(0);
  }

  /** How many clients waited so, of all failovers. */
  synchronized int count() {
    return seconds.values().stream().mapToInt(List::size).sum();
  }

  /** A line for each kind and way. */
  synchronized String table() {
    StringBuilder table = new StringBuilder();
    seconds.forEach((what, all) -> {
      List<Double> sorted = all.stream().sorted().toList();
      table.append(
          "  %-36s %,7d served again: median %.2f s, p99 %.2f s, longest %.2f s%n"
              .formatted(
                  what, sorted.size(), part(sorted, 0.5), part(sorted, 0.99), sorted.getLast()));
    });
    return table.toString();
  }

  private static double part(List<Double> sorted, double part) {
    return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(part * sorted.size())));
  }
}
