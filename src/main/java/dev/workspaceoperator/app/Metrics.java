package dev.workspaceoperator.app;

import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.trace.TraceContext;
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
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What Prometheus scrapes: this program's own figures and those of the JVM. */
final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(
          new Settings(), new PrometheusRegistry(), Clock.SYSTEM, new CallersSpan());
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final List<Lines> lines = new CopyOnWriteArrayList<>();

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

  /** Lines that are written as they are, where there are too many for objects. */
  @FunctionalInterface
  interface Lines {
    /** Writes whole families, in what every {@link Exposition} has in common. */
    void write(Writer text) throws IOException;
  }

  /** Writes these after all others. */
  void alsoWrite(Lines more) {
    lines.add(more);
  }

  void stopWriting(Lines more) {
    lines.remove(more);
  }

  /** Writes everything, as it is made. */
  void write(OutputStream output, Exposition form) throws IOException {
    WithoutEnd body = new WithoutEnd(output);
    registry.scrape(body, form.contentType());
    String end = body.end();
    Writer text = new BufferedWriter(new OutputStreamWriter(output, StandardCharsets.UTF_8));
    for (Lines more : lines) {
      more.write(text);
    }
    text.write(end);
    text.flush();
  }

  /** The same in plain text. */
  String text() {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try {
      write(output, Exposition.TEXT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return output.toString(StandardCharsets.UTF_8);
  }

  /** Keeps back the mark of the end that OpenMetrics has, for what comes before it. */
  private static final class WithoutEnd extends FilterOutputStream {
    private static final String END = "# EOF\n";

    private final byte[] last = new byte[END.length()];
    private int kept;

    private WithoutEnd(OutputStream output) {
      super(output);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] text, int offset, int length) throws IOException {
      int before = Math.max(0, Math.min(kept, kept + length - last.length));
      out.write(last, 0, before);
      System.arraycopy(last, before, last, 0, kept - before);
      kept -= before;
      int through = Math.max(0, length - (last.length - kept));
      out.write(text, offset, through);
      System.arraycopy(text, offset + through, last, kept, length - through);
      kept += length - through;
    }

    /** Nothing where it is plain text, whose last bytes go where they belong. */
    private String end() throws IOException {
      String end = new String(last, 0, kept, StandardCharsets.UTF_8);
      if (end.equals(END)) {
        return END;
      }
      out.write(last, 0, kept);
      return "";
    }
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
      return TraceContext.current().map(TraceContext::traceId).orElse(null);
    }

    @Override
    public @Nullable String getCurrentSpanId() {
      return TraceContext.current().map(TraceContext::spanId).orElse(null);
    }

    @Override
    public boolean isCurrentSpanSampled() {
      return TraceContext.current().filter(TraceContext::isSampled).isPresent();
    }

    @Override
    public void markCurrentSpanAsExemplar() {
      // Sampling is not decided here.
    }
  }
}
