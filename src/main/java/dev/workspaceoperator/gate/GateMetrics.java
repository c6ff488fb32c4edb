package dev.workspaceoperator.gate;

import dev.workspaceoperator.share.ShareWatch;
import io.micrometer.core.instrument.Counter;
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
  private final Counter pauses;
  private final ShareWatch queue;

  GateMetrics(MeterRegistry registry) {
    this.batches =
        Timer.builder("workspace_operator_gate_batch")
            .description("Transactions that decided operations, from their begin to their commit.")
            .register(registry);
    this.operations =
        DistributionSummary.builder("workspace_operator_gate_batch_operations")
            .description("Operations that one transaction decided.")
            .register(registry);
    this.pauses =
        Counter.builder("workspace_operator_gate_pauses")
            .description("Pauses of a lane, for a kill switch to go first.")
            .register(registry);
    this.queue = new ShareWatch("gate-queue", registry);
  }

  /** Hears of operations for which a lane's queue has no room. */
  ShareWatch queue() {
    return queue;
  }

  /** Tells how much waits in these lanes, of at most so much in each. */
  void watch(List<Lane> lanes, int queueMax, MeterRegistry registry) {
    queue.watch(() -> lanes.size() * queueMax, () -> waiting(lanes), registry);
    Gauge.builder("workspace_operator_gate_waiting", lanes, GateMetrics::waiting)
        .description("Operations that wait for the next transaction.")
        .register(registry);
  }

  private static int waiting(List<Lane> lanes) {
    return lanes.stream().mapToInt(Lane::waiting).sum();
  }

  /** A kill switch goes before what waits in a lane. */
  void paused() {
    pauses.increment();
  }

  /** A transaction has committed. */
  void committed(int operationCount, long nanos) {
    batches.record(nanos, TimeUnit.NANOSECONDS);
    operations.record(operationCount);
  }
}
