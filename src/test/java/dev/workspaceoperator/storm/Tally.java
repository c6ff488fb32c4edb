package dev.workspaceoperator.storm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What was answered how often, and what must not be. */
final class Tally {
  private static final int VIOLATIONS_KEPT = 30;

  private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
  private final List<String> violations = new ArrayList<>();
  private final AtomicInteger violationCount = new AtomicInteger();
  private final Comebacks comebacks = new Comebacks();

  void count(String what) {
    count(what, 1);
  }

  void count(String what, long times) {
    counts.computeIfAbsent(what, _ -> new LongAdder()).add(times);
  }

  long of(String what) {
    LongAdder count = counts.get(what);
    return count == null ? 0 : count.sum();
  }

  /**
   * Notes that an invariant does not hold.
   *
   * @param invariant {@code I1} to {@code I8}; {@code answer} for one that no request may get,
   *     {@code unknown} for an outcome that stayed so, {@code driver} for a failure of the storm
   *     itself
   * @param history of what it is about
   */
  void violation(String invariant, String sentence, List<String> history) {
    violationCount.incrementAndGet();
    synchronized (violations) {
      if (violations.size() < VIOLATIONS_KEPT) {
        violations.add(
            "%s: %s%s"
                .formatted(
                    invariant,
                    sentence,
                    history.isEmpty() ? "" : "\n    " + String.join("\n    ", history)));
      }
    }
  }

  /** How long clients waited for a new primary. */
  Comebacks comebacks() {
    return comebacks;
  }

  int violationCount() {
    return violationCount.get();
  }

  /** The first of them. */
  List<String> violations() {
    synchronized (violations) {
      return List.copyOf(violations);
    }
  }

  /** Every count on a line of its own. */
  String table() {
    StringBuilder table = new StringBuilder();
    counts.forEach((what, count) -> table.append("  %,12d  %s%n".formatted(count.sum(), what)));
    return table.toString();
  }
}
