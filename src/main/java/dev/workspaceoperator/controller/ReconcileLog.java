package dev.workspaceoperator.controller;

import dev.workspaceoperator.controller.WorkspaceReconciler.Outcome;
import dev.workspaceoperator.crd.Workspace;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One log line and one count for each reconciliation, both with the same outcome and reason. */
final class ReconcileLog {
  static final String METRIC = "workspace_operator_reconcile";

  private static final Logger log = LoggerFactory.getLogger(WorkspaceReconciler.class);

  private final MeterRegistry metrics;

  ReconcileLog(MeterRegistry metrics) {
    this.metrics = metrics;
  }

  /** Begins one reconciliation. */
  Started start(Workspace resource) {
    return new Started(resource, System.nanoTime());
  }

  /** A reconciliation under way. */
  final class Started {
    private final Workspace resource;
    private final long startedAtNanos;

    private Started(Workspace resource, long startedAtNanos) {
      this.resource = resource;
      this.startedAtNanos = startedAtNanos;
    }

    /** Records how it ended; to be called once, after everything is written. */
    void end(Outcome outcome, Optional<Reason> reason) {
      String reasonLabel = reason.map(Reason::label).orElse("");
      Timer.builder(METRIC)
          .description("Reconciliations of Workspaces, by how they ended")
          .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
          .tag("reason", reasonLabel)
          .register(metrics)
          .record(System.nanoTime() - startedAtNanos, java.util.concurrent.TimeUnit.NANOSECONDS);
      // An unchanged Workspace is looked at every minute: that is not news.
      log.atLevel(outcome == Outcome.UNCHANGED ? Level.DEBUG : Level.INFO)
          .addKeyValue("namespace", resource.getMetadata().getNamespace())
          .addKeyValue("name", resource.getMetadata().getName())
          .addKeyValue("generation", resource.getMetadata().getGeneration())
          .addKeyValue("outcome", outcome)
          .addKeyValue("reason", reasonLabel)
          .log("Workspace reconciled");
    }
  }
}
