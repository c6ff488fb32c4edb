package dev.workspaceoperator.gate;

import dev.workspaceoperator.share.ShareWatch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

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

  /** Tells how much waits in all lanes, of at most so much. */
  void watch(IntSupplier waiting, int max, MeterRegistry registry) {
    queue.watch(() -> max, waiting, registry);
    Gauge.builder("workspace_operator_gate_waiting", waiting::getAsInt)
        .description("Operations that wait for the next transaction.")
        .register(registry);
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
