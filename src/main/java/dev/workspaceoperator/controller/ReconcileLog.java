package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
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
  static final String METRIC = "workspace_operator_reconcile";

  private static final Logger log = LoggerFactory.getLogger(ReconcileLog.class);

  private final MeterRegistry metrics;
  private final Map<Ending, Timer> timers = new ConcurrentHashMap<>();

  ReconcileLog(MeterRegistry metrics) {
    this.metrics = metrics;
  }

  /** Begins one reconciliation. */
  Started start(Workspace resource) {
    return new Started(resource, System.nanoTime());
  }

  private Timer timer(Ending ending) {
    return Timer.builder(METRIC)
        .description("Reconciliations of Workspaces, by how they ended")
        .tag("outcome", ending.outcome().name().toLowerCase(Locale.ROOT))
        .tag("reason", ending.reason())
        .register(metrics);
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
      timers
          .computeIfAbsent(new Ending(outcome, reasonLabel), ReconcileLog.this::timer)
          .record(System.nanoTime() - startedAtNanos, TimeUnit.NANOSECONDS);
      // An unchanged Workspace is looked at every minute: that is not news.
      log.atLevel(outcome == ReconcileOutcome.UNCHANGED ? Level.DEBUG : Level.INFO)
          .addKeyValue("namespace", resource.getMetadata().getNamespace())
          .addKeyValue("name", resource.getMetadata().getName())
          .addKeyValue("generation", resource.getMetadata().getGeneration())
          .addKeyValue("outcome", outcome)
          .addKeyValue("reason", reasonLabel)
          .log("Workspace reconciled");
    }
  }
}
