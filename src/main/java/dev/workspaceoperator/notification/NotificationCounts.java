package dev.workspaceoperator.notification;

import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** What became of attempts, by receiver. */
final class NotificationCounts {
  private static final String DELIVERED = "delivered";
  private static final String FAILED = "failed";
  private static final String GIVEN_UP = "given_up";

  private final MeterRegistry registry;

  /** Tells of these receivers from the start. */
  NotificationCounts(MeterRegistry registry, List<String> receivers) {
    this.registry = registry;
    receivers.forEach(receiver ->
        List.of(DELIVERED, FAILED, GIVEN_UP).forEach(outcome -> count(receiver, outcome, 0)));
  }

  void delivered(String receiver) {
    count(receiver, DELIVERED, 1);
  }

  void failed(String receiver) {
    count(receiver, FAILED, 1);
  }

  void givenUp(String receiver, int events) {
    count(receiver, GIVEN_UP, events);
  }

  private void count(String receiver, String outcome, int events) {
    Metric.NOTIFICATIONS.counter(registry, receiver, outcome).increment(events);
  }
}
