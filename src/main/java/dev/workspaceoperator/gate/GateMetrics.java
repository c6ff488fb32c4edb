package dev.workspaceoperator.gate;

import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.share.ShareWatch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Tells Prometheus how the gate fares. */
final class GateMetrics {
  private static final double MICROS = 1e6;

  private final Timer batches;
  private final DistributionSummary operations;
  private final Timer waits;
  private final Counter pauses;
  private final Counter expiries;
  private final Counter overcharges;
  private final Counter overchargedUsd;
  private final Map<KillScope, Timer> kills = new EnumMap<>(KillScope.class);
  private final ShareWatch queue;

  GateMetrics(MeterRegistry registry) {
    this.batches = Metric.GATE_BATCHES.timer(registry);
    this.operations = Metric.GATE_BATCH_OPERATIONS.sizes(registry);
    this.waits = Metric.GATE_WAIT.timer(registry);
    this.pauses = Metric.GATE_PAUSES.counter(registry);
    this.expiries = Metric.LEASE_EXPIRIES.counter(registry);
    this.overcharges = Metric.OVER_RESERVATION_CHARGES.counter(registry);
    this.overchargedUsd = Metric.OVER_RESERVATION_USD.counter(registry);
    this.queue = new ShareWatch("gate-queue", registry);
  }

  /** Hears of operations for which a lane's queue has no room. */
  ShareWatch queue() {
    return queue;
  }

  /** Tells how much waits in all lanes, of at most so much. */
  void watch(IntSupplier waiting, int max, MeterRegistry registry) {
    queue.watch(() -> max, waiting, registry);
    Metric.GATE_WAITING.gauge(registry, waiting::getAsInt);
  }

  /** Tells of kill switches, where this process has them. */
  void watchKills(MeterRegistry registry) {
    for (KillScope scope : KillScope.values()) {
      kills.put(scope, Metric.KILL_SWITCH_TIME.timer(registry, scope.label()));
    }
  }

  /** A kill switch goes before what waits in a lane. */
  void paused() {
    pauses.increment();
  }

  /** One was engaged, so long after somebody had asked. */
  void killed(KillScope scope, long nanos) {
    Timer timer = kills.get(scope);
    if (timer != null) {
      timer.record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  /**
   * A transaction has committed.
   *
   * @param beganAtNanos as {@link System#nanoTime}
   */
  void committed(List<Ticket<?>> batch, BatchTally tally, long beganAtNanos, long nanos) {
    batches.record(nanos, TimeUnit.NANOSECONDS);
    operations.record(batch.size());
    for (Ticket<?> ticket : batch) {
      waits.record(ticket.waitedUntil(beganAtNanos), TimeUnit.NANOSECONDS);
    }
    counted(tally);
  }

  /** What a transaction did besides the answers that it gave. */
  void counted(BatchTally tally) {
    if (tally.equals(BatchTally.NONE)) {
      return;
    }
    expiries.increment(tally.expiredRuns());
    overcharges.increment(tally.overcharges());
    overchargedUsd.increment(tally.overchargedMicroUsd() / MICROS);
  }
}
