package dev.workspaceoperator.attacks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How a victim's steps fared.
 *
 * @param sortedNanos how long each took that was admitted, from when it was due
 * @param failures everything else, and how often
 */
record Measured(List<Long> sortedNanos, Map<String, Long> failures) {
  static Measured of(long[] nanos, Map<String, Long> failures) {
    return new Measured(Arrays.stream(nanos).sorted().boxed().toList(), Map.copyOf(failures));
  }

  /** With what failed before, and the slowest of both; the other quantiles stay. */
  Measured after(Measured before) {
    Map<String, Long> all = new TreeMap<>(failures);
    before.failures.forEach((how, count) -> all.merge(how, count, Long::sum));
    List<Long> nanos = new ArrayList<>(sortedNanos);
    if (!nanos.isEmpty() && !before.sortedNanos.isEmpty()) {
      nanos.set(nanos.size() - 1, Math.max(nanos.getLast(), before.sortedNanos.getLast()));
    }
    return new Measured(nanos, all);
  }

  long failureCount() {
    return failures.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Infinite where nothing was admitted. */
  double millis(double quantile) {
    if (sortedNanos.isEmpty()) {
      return Double.POSITIVE_INFINITY;
    }
    int index = (int) Math.ceil(sortedNanos.size() * quantile) - 1;
    return sortedNanos.get(Math.clamp(index, 0, sortedNanos.size() - 1)) / 1e6;
  }

  /** Failures of steps, or 0. */
  String failed() {
    return failures.isEmpty()
        ? "0"
        : failureCount()
            + " of "
            + (failureCount() + sortedNanos.size())
            + failures.entrySet().stream()
                .map(it -> it.getKey() + " " + it.getValue())
                .collect(Collectors.joining(", ", " (", ")"));
  }
}
