package dev.workspaceoperator.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.trace.OtlpEndpoint.Temper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class TraceExportTest {
  private static final String NOWHERE = "http://127.0.0.1:1";
  private static final TraceContext CALLER =
      new TraceContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void withoutAnEndpointNothingIsToldAndTheCallersTraceGoesOn() {
    for (Map<String, String> environment :
        List.of(
            Map.of("OTEL_TRACES_SAMPLER", "what?"),
            Map.of(TraceExport.ENDPOINT, " "),
            Map.of(TraceExport.ENDPOINT, NOWHERE, "OTEL_SDK_DISABLED", "true"),
            Map.of(TraceExport.ENDPOINT, NOWHERE, "OTEL_TRACES_EXPORTER", "none"))) {
      try (TraceExport export = open(environment)) {
        assertThat(export.tracer()).isSameAs(Tracer.NONE);
        assertThat(export.tracer().serve("x", Optional.of(CALLER)).context()).contains(CALLER);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_EXPORTER_OTLP_ENDPOINT, collector:4318, must be the URL of a collector",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, ftp://collector, must be the URL of a collector",
    "OTEL_EXPORTER_OTLP_PROTOCOL, grpc, must be http/protobuf",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, http/json, must be http/protobuf",
    "OTEL_TRACES_EXPORTER, zipkin, must be otlp",
    "OTEL_TRACES_SAMPLER, always_onn, otel.traces.sampler",
    "OTEL_EXPORTER_OTLP_CERTIFICATE, /no/such/file, ertificate",
    "OTEL_EXPORTER_OTLP_COMPRESSION, zstd, ompress",
    "OTEL_BSP_MAX_QUEUE_SIZE, 0, ueue",
    "OTEL_BSP_MAX_QUEUE_SIZE, many, otel.bsp.max.queue.size",
    "OTEL_EXPORTER_OTLP_TIMEOUT, soon, otel.exporter.otlp.timeout",
  })
  void whatCannotBeIsAMistakeThatNamesIt(String name, String value, String words) {
    Map<String, String> environment = new HashMap<>(Map.of(TraceExport.ENDPOINT, NOWHERE));
    environment.put(name, value);
    List<String> mistakes = new ArrayList<>();

    try (TraceExport export = TraceExport.open(environment, "api", "1", mistakes::add)) {
      assertThat(export.tracer()).isSameAs(Tracer.NONE);
    }

    assertThat(mistakes).hasSize(1);
    assertThat(mistakes.getFirst()).contains(words).endsWith(".");
  }

  @Test
  void aSpanIsToldWithItsParentItsLinksAndWhoseItIs() {
    try (OtlpEndpoint collector = OtlpEndpoint.start(Temper.ACCEPTS)) {
      try (TraceExport export = open(collector.environment())) {
        dev.workspaceoperator.trace.Span served =
            export.tracer().serve("served", Optional.of(CALLER));
        dev.workspaceoperator.trace.Span together =
            export.tracer().together("together", List.of(served.context().orElseThrow(), CALLER));
        together.with(Attribute.BATCH_SIZE, 2).failed("Why");
        together.end();
        served.end();
      }

      Span served = collector.named("served").getFirst();
      Span together = collector.named("together").getFirst();
      assertThat(Ids.hex(served.getParentSpanId())).isEqualTo(CALLER.spanId());
      assertThat(served.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
      assertThat(together.getParentSpanId()).isEqualTo(served.getSpanId());
      assertThat(together.getLinksList())
          .extracting(link -> Ids.hex(link.getSpanId()))
          .containsExactly(Ids.hex(served.getSpanId()), CALLER.spanId());
      assertThat(Ids.attributes(together))
          .containsEntry("db.operation.batch.size", "2")
          .containsEntry("error.type", "Why");
      assertThat(collector.resources().findFirst().orElseThrow().getResource().toString())
          .contains("workspace-operator-api", "service.version");
    }
  }

  @Test
  void whatTheCallerDoesNotKeepIsNotToldAndIsStillItsTrace() {
    TraceContext unkept = new TraceContext(CALLER.traceId(), CALLER.spanId(), false);
    try (OtlpEndpoint collector = OtlpEndpoint.start(Temper.ACCEPTS)) {
      try (TraceExport export = open(collector.environment())) {
        dev.workspaceoperator.trace.Span served =
            export.tracer().serve("served", Optional.of(unkept));
        assertThat(served.context()).contains(unkept);
        served.during(() -> {
          export.tracer().within("within").end();
          return export;
        });
        served.end();
      }

      assertThat(collector.requests()).isEmpty();
    }
  }

  @Test
  void whatACollectorRefusesIsCounted() {
    try (OtlpEndpoint collector = OtlpEndpoint.start(Temper.REFUSES);
        TraceExport export = open(collector.environment())) {
      export.tracer().begin("refused").end();

      await().untilAsserted(() -> assertThat(lost()).isEqualTo(1));
    }
  }

  @Test
  void aCollectorThatHangsHoldsUpNeitherSpansNorTheEndAndTheQueueIsBounded() {
    int spans = 10_000;
    try (OtlpEndpoint collector = OtlpEndpoint.start(Temper.HANGS)) {
      TraceExport export = open(collector.environment());
      for (int i = 0; i < spans; i++) {
        export.tracer().begin("unheard").end();
      }

      // By then the queue is full: 2,048 are pending, and the rest is lost already.
      assertThat(lost()).isEqualTo(spans - 2_048);
      export.close();

      assertThat(lost()).isEqualTo(spans);
    }
  }

  private TraceExport open(Map<String, String> environment) {
    return TraceExport.open(
            environment,
            "api",
            "1",
            mistake -> {
              throw new AssertionError(mistake);
            })
        .watched(registry);
  }

  private double lost() {
    return registry.get(Metric.TRACE_SPANS_LOST.meter()).functionCounter().count();
  }
}
