package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.trace.Attribute;
import dev.workspaceoperator.trace.Span;
import dev.workspaceoperator.trace.Tracer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One log line and one count for each reconciliation, both with the same outcome and reason. */
final class ReconcileLog {
  private static final Logger log = LoggerFactory.getLogger(ReconcileLog.class);

  private static final Ending FAILED = new Ending(ReconcileOutcome.FAILED, "");

  private final MeterRegistry metrics;
  private final Tracer tracer;
  private final Timer shown;
  private final Map<Ending, Timer> timers = new ConcurrentHashMap<>();

  ReconcileLog(MeterRegistry metrics, Tracer tracer) {
    this.metrics = metrics;
    this.tracer = tracer;
    this.shown = Metric.KILL_SWITCH_PROPAGATION.timer(metrics);
    // One that begins with its first failure would hide that one from rate().
    timers.put(FAILED, timer(FAILED));
  }

  /** Begins one reconciliation. */
  Started start(Workspace resource) {
    Span span =
        tracer
            .begin("reconcile Workspace")
            .with(Attribute.NAMESPACE, resource.getMetadata().getNamespace())
            .with(Attribute.RESOURCE, resource.getMetadata().getName());
    return new Started(resource, span, System.nanoTime());
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
    private final Span span;
    private final long startedAtNanos;

    private Started(Workspace resource, Span span, long startedAtNanos) {
      this.resource = resource;
      this.span = span;
      this.startedAtNanos = startedAtNanos;
    }

    /** Does it, as a part of its trace. */
    <T> T during(Supplier<T> work) {
      return span.during(work::get);
    }

    /** Records how it ended; to be called once, after everything is written. */
    void end(ReconcileOutcome outcome, Optional<Reason> reason) {
      span.run(() -> tell(outcome, reason.map(Reason::label).orElse("")));
      span.end();
    }

    private void tell(ReconcileOutcome outcome, String reasonLabel) {
      span.with(Attribute.OUTCOME, outcome.name().toLowerCase(Locale.ROOT));
      if (!reasonLabel.isEmpty()) {
        span.with(Attribute.REASON, reasonLabel);
      }
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
    void failed(RuntimeException failure) {
      count(FAILED);
      span.failed(failure.getClass().getSimpleName());
      span.end();
    }

    private void count(Ending ending) {
      timers
          .computeIfAbsent(ending, ReconcileLog.this::timer)
          .record(System.nanoTime() - startedAtNanos, TimeUnit.NANOSECONDS);
    }
  }
}
