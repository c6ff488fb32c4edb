package dev.workspaceoperator.gate;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tells Prometheus how the gate fares. */
final class GateMetrics {
  private final Timer batches;
  private final DistributionSummary operations;

  GateMetrics(MeterRegistry registry) {
    this.batches =
        Timer.builder("workspace_operator_gate_batch")
            .description("Transactions that decided operations, from their begin to their commit.")
            .register(registry);
    this.operations =
        DistributionSummary.builder("workspace_operator_gate_batch_operations")
            .description("Operations that one transaction decided.")
            .register(registry);
  }

  /** Tells how much waits in these lanes. */
  static void watch(List<Lane> lanes, MeterRegistry registry) {
    Gauge.builder(
            "workspace_operator_gate_waiting",
            lanes,
            all -> all.stream().mapToInt(Lane::waiting).sum())
        .description("Operations that wait for the next transaction.")
        .register(registry);
  }

  /** A transaction has committed. */
  void committed(int operationCount, long nanos) {
    batches.record(nanos, TimeUnit.NANOSECONDS);
    operations.record(operationCount);
  }
}
