package dev.workspaceoperator.extauthz;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** How Envoy's questions were answered. */
final class CheckMetrics {
  static final String CHECKS = "workspace_operator_ext_authz_checks";
  private static final String ADMITTED = "ADMITTED";

  private final MeterRegistry registry;
  private final Map<String, Timer> timers = new ConcurrentHashMap<>();

  CheckMetrics(MeterRegistry registry) {
    this.registry = registry;
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
    return Timer.builder(CHECKS)
        .description("Questions of Envoy and how long their answers took, by ADMITTED or the code.")
        .tag("code", code)
        .register(registry);
  }
}
