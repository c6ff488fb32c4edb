package dev.workspaceoperator.trace;

import dev.workspaceoperator.loop.Loop;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The SDK of OpenTelemetry as the standard variables configure it, for spans alone. Nobody waits
 * for it: a bounded queue and a thread of its own are between a span's end and the collector.
 */
final class OpenTelemetryExport implements AutoCloseable {
  private static final String SCOPE = "dev.workspaceoperator";
  private static final String QUEUE_MAX = "otel.bsp.max.queue.size";
  private static final int QUEUE_MAX_STANDARD = 2_048;
  private static final Duration TELL_EVERY = Duration.ofMinutes(1);

  /** A collector that does not answer must not hold up the end of a process. */
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(3);

  /** The library would write to standard error, between lines of JSON; what it knows we tell. */
  private static final Logger LIBRARY = Logger.getLogger("io.opentelemetry");

  private final OpenTelemetrySdk sdk;
  private final ExportWatch watch;
  private final ScheduledExecutorService teller =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("trace-losses").daemon(true).factory());

  private OpenTelemetryExport(OpenTelemetrySdk sdk, ExportWatch watch) {
    this.sdk = sdk;
    this.watch = watch;
    var _ =
        teller.scheduleWithFixedDelay(
            Loop.round("trace-losses", watch::tell),
            TELL_EVERY.toSeconds(),
            TELL_EVERY.toSeconds(),
            TimeUnit.SECONDS);
  }

  /**
   * Starts it.
   *
   * @param defaults what holds where the environment says nothing, as properties
   * @param lost counts spans that do not reach the collector
   * @throws IllegalArgumentException if a variable says what cannot be
   */
  static OpenTelemetryExport start(
      Map<String, String> environment,
      Map<String, String> defaults,
      String version,
      AtomicLong lost) {
    LIBRARY.setLevel(Level.OFF);
    ExportWatch watch = new ExportWatch(lost);
    Map<String, String> properties = new HashMap<>(defaults);
    environment.forEach((name, value) -> {
      if (name.startsWith("OTEL_") && !value.isBlank()) {
        properties.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value.strip());
      }
    });
    try {
      OpenTelemetrySdk sdk =
          AutoConfiguredOpenTelemetrySdk.builder()
              .disableShutdownHook()
              .addPropertiesSupplier(() -> properties)
              .addPropertiesCustomizer(_ -> onlySpans())
              .addResourceCustomizer((resource, _) -> resource.merge(versioned(version)))
              .addSpanExporterCustomizer((exporter, _) -> watch.after(exporter))
              .addSpanProcessorCustomizer((queue, config) -> watch.before(queue, queueMax(config)))
              .build()
              .getOpenTelemetrySdk();
      return new OpenTelemetryExport(sdk, watch);
    } catch (ConfigurationException | IllegalArgumentException e) {
      throw new IllegalArgumentException(messages(e), e);
    }
  }

  /** Which property it is stands in the causes alone. */
  private static String messages(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .map(Throwable::getMessage)
        .filter(Objects::nonNull)
        .distinct()
        .collect(Collectors.joining(": "));
  }

  Tracer tracer() {
    return new OpenTelemetryTracer(sdk.getSdkTracerProvider().get(SCOPE));
  }

  /** Exports what has ended, for a bounded time, and ends. */
  @Override
  public void close() {
    teller.shutdownNow();
    var _ =
        sdk.getSdkTracerProvider().shutdown().join(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    watch.close();
  }

  private static Map<String, String> onlySpans() {
    return Map.of(
        "otel.traces.exporter", "otlp",
        "otel.metrics.exporter", "none",
        "otel.logs.exporter", "none",
        "otel.propagators", "none");
  }

  private static Resource versioned(String version) {
    return Resource.builder().put("service.version", version).build();
  }

  private static int queueMax(ConfigProperties config) {
    return config.getInt(QUEUE_MAX, QUEUE_MAX_STANDARD);
  }
}
