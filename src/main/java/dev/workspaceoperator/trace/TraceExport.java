package dev.workspaceoperator.trace;

import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Where a process tells its spans: to the collector that {@code OTEL_EXPORTER_OTLP_ENDPOINT} names,
 * or nowhere. Everything else of it is configured by the standard variables, too.
 */
public final class TraceExport implements AutoCloseable {
  static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
  static final String TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  private static final String EXPORTER = "OTEL_TRACES_EXPORTER";
  private static final String DISABLED = "OTEL_SDK_DISABLED";
  private static final String HTTP = "http/protobuf";

  /** What has one value alone that is understood here. */
  private static final SortedMap<String, String> ONLY =
      new TreeMap<>(
          Map.of(
              "OTEL_EXPORTER_OTLP_PROTOCOL",
              HTTP,
              "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
              HTTP,
              EXPORTER,
              "otlp"));

  private final Tracer tracer;
  private final Runnable end;
  private final AtomicLong lost;

  /** Names no class that knows OpenTelemetry: that would load some of it. */
  private TraceExport(Tracer tracer, Runnable end, AtomicLong lost) {
    this.tracer = tracer;
    this.end = end;
    this.lost = lost;
  }

  /** To nobody. */
  public static TraceExport none() {
    return new TraceExport(Tracer.NONE, () -> {}, new AtomicLong());
  }

  /**
   * As this environment says. A variable that says what cannot be is a mistake rather than ignored:
   * a sampler that is misspelt would keep every trace.
   *
   * @param role whose spans they are
   * @param mistakes hears of each, in a sentence; nothing is exported then
   */
  public static TraceExport open(
      Map<String, String> environment, String role, String version, Consumer<String> mistakes) {
    if (!isWanted(environment)) {
      return none();
    }
    List<String> found = mistakes(environment);
    if (!found.isEmpty()) {
      found.forEach(mistakes);
      return none();
    }
    AtomicLong lost = new AtomicLong();
    Map<String, String> defaults =
        Map.of(
            "otel.service.name", "workspace-operator-" + role, "otel.exporter.otlp.protocol", HTTP);
    try {
      OpenTelemetryExport export = OpenTelemetryExport.start(environment, defaults, version, lost);
      return new TraceExport(export.tracer(), export::close, lost);
    } catch (IllegalArgumentException e) {
      mistakes.accept(
          "The variables OTEL_… cannot be used: %s. Mend it, or unset %s to export no traces."
              .formatted(e.getMessage(), ENDPOINT));
      return none();
    }
  }

  /** Tells in metrics what was lost. */
  public TraceExport watched(MeterRegistry registry) {
    // Otherwise another role of this process tells it already.
    if (registry.find(Metric.TRACE_SPANS_LOST.meter()).functionCounter() == null) {
      Metric.TRACE_SPANS_LOST.counted(registry, lost);
    }
    return this;
  }

  /** Begins spans. */
  public Tracer tracer() {
    return tracer;
  }

  /** Exports what has ended, for a bounded time, and ends. */
  @Override
  public void close() {
    end.run();
  }

  private static boolean isWanted(Map<String, String> environment) {
    boolean named =
        !value(environment, ENDPOINT).isEmpty() || !value(environment, TRACES_ENDPOINT).isEmpty();
    return named
        && !value(environment, DISABLED).equalsIgnoreCase("true")
        && !value(environment, EXPORTER).equals("none");
  }

  private static List<String> mistakes(Map<String, String> environment) {
    List<String> found = new ArrayList<>();
    for (String name : List.of(ENDPOINT, TRACES_ENDPOINT)) {
      String value = value(environment, name);
      if (!value.isEmpty() && !isUrl(value)) {
        found.add(
            "%s must be the URL of a collector that takes OTLP over HTTP, such as http://collector:4318."
                .formatted(name));
      }
    }
    ONLY.forEach((name, only) -> {
      String value = value(environment, name);
      if (!value.isEmpty() && !value.equals(only)) {
        found.add(
            "%s must be %s, the only one that this program speaks, or unset."
                .formatted(name, only));
      }
    });
    return found;
  }

  private static boolean isUrl(String text) {
    try {
      URI url = new URI(text);
      return ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** One that is empty counts as absent. */
  private static String value(Map<String, String> environment, String name) {
    return environment.getOrDefault(name, "").strip();
  }
}
