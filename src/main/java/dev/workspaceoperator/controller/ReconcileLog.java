package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One log line and one count for each reconciliation, both with the same outcome and reason. */
final class ReconcileLog {
  private static final Logger log = LoggerFactory.getLogger(ReconcileLog.class);

  private static final Ending FAILED = new Ending(ReconcileOutcome.FAILED, "");

  private final MeterRegistry metrics;
  private final Timer shown;
  private final Map<Ending, Timer> timers = new ConcurrentHashMap<>();

  ReconcileLog(MeterRegistry metrics) {
    this.metrics = metrics;
    this.shown = Metric.KILL_SWITCH_PROPAGATION.timer(metrics);
    // One that begins with its first failure would hide that one from rate().
    timers.put(FAILED, timer(FAILED));
  }

  /** Begins one reconciliation. */
  Started start(Workspace resource) {
    return new Started(resource, System.nanoTime());
  }

  /** A status shows a kill switch for the first time, so long after it was engaged. */
  void killShown(Duration afterCommit) {
    shown.record(afterCommit);
  }

  private Timer timer(Ending ending) {
    return Metric.RECONCILES.timer(
        metrics, ending.outcome().name().toLowerCase(Locale.ROOT), ending.reason());
  }

  private record Ending(ReconcileOutcome outcome, String reason) {}

  /** A reconciliation under way. */
  final class Started {
    private final Workspace resource;
    private final long startedAtNanos;

    private Started(Workspace resource, long startedAtNanos) {
      this.resource = resource;
      this.startedAtNanos = startedAtNanos;
    }

    /** Records how it ended; to be called once, after everything is written. */
    void end(ReconcileOutcome outcome, Optional<Reason> reason) {
      String reasonLabel = reason.map(Reason::label).orElse("");
      count(new Ending(outcome, reasonLabel));
      // An unchanged Workspace is looked at every minute: that is not news.
      log.atLevel(outcome == ReconcileOutcome.UNCHANGED ? Level.DEBUG : Level.INFO)
          .addKeyValue("namespace", resource.getMetadata().getNamespace())
          .addKeyValue("name", resource.getMetadata().getName())
          .addKeyValue("generation", resource.getMetadata().getGeneration())
          .addKeyValue("outcome", outcome)
          .addKeyValue("reason", reasonLabel)
          .log("Workspace reconciled");
    }

    /** Counts a failure; whoever retries logs it. */
    void failed() {
      count(FAILED);
    }

    private void count(Ending ending) {
      timers
          .computeIfAbsent(ending, ReconcileLog.this::timer)
          .record(System.nanoTime() - startedAtNanos, TimeUnit.NANOSECONDS);
    }
  }
}
