package dev.workspaceoperator.extauthz;

import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** How Envoy's questions were answered. */
final class CheckMetrics {
  private static final String ADMITTED = "ADMITTED";

  private final MeterRegistry registry;
  private final Map<String, Timer> timers = new ConcurrentHashMap<>();

  CheckMetrics(MeterRegistry registry) {
    this.registry = registry;
    // One that begins with its first question would hide that one from rate().
    for (ProblemCode code : ProblemCode.values()) {
      timers.put(code.name(), timer(code.name()));
    }
    timers.put(ADMITTED, timer(ADMITTED));
  }

  /**
   * One is answered.
   *
   * @param code of the refusal; empty if it was admitted
   */
  void answered(String code, long nanos) {
    timers
        .computeIfAbsent(code.isEmpty() ? ADMITTED : code, this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(String code) {
    return Metric.EXT_AUTHZ_CHECKS.timer(registry, code);
  }
}
