package dev.workspaceoperator.app;

import dev.workspaceoperator.metric.CallerTrace;
import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** What Prometheus scrapes: this program's own figures and those of the JVM. */
final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(
          new Settings(), new PrometheusRegistry(), Clock.SYSTEM, new CallersSpan());
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

  Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
    registry.getPrometheusRegistry().register(Metrics::build);
    // Where loops count, whichever role they belong to.
    io.micrometer.core.instrument.Metrics.addRegistry(registry);
  }

  /** Not by Micrometer, whose gauges lose an end that OpenMetrics keeps for this kind. */
  private static MetricSnapshot build() {
    return InfoSnapshot.builder()
        .name(Metric.BUILD_INFO.exported().replaceFirst("_info$", ""))
        .help(Metric.BUILD_INFO.meaning())
        .dataPoint(
            InfoSnapshot.InfoDataPointSnapshot.builder()
                .labels(
                    Labels.of("version", Version.number(), "java", Runtime.version().toString()))
                .build())
        .build();
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  @Override
  public void close() {
    io.micrometer.core.instrument.Metrics.removeRegistry(registry);
    garbageCollection.close();
    registry.close();
  }

  /** Micrometer's defaults but for examples where the format has none. */
  private static final class Settings implements PrometheusConfig {
    @Override
    public @Nullable String get(String key) {
      return null;
    }

    /** By default also counts of summaries have some, at which Prometheus refuses all figures. */
    @Override
    public Properties prometheusProperties() {
      return new Properties();
    }
  }

  /** Examples of what a bucket counts name the trace of whoever asked. */
  private static final class CallersSpan implements SpanContext {
    @Override
    public @Nullable String getCurrentTraceId() {
      return CallerTrace.current().map(CallerTrace::traceId).orElse(null);
    }

    @Override
    public @Nullable String getCurrentSpanId() {
      return CallerTrace.current().map(CallerTrace::spanId).orElse(null);
    }

    @Override
    public boolean isCurrentSpanSampled() {
      return CallerTrace.current().filter(CallerTrace::isSampled).isPresent();
    }

    @Override
    public void markCurrentSpanAsExemplar() {
      // The caller's own: nothing here keeps it.
    }
  }
}
