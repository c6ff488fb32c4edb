package dev.workspaceoperator.trace;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Takes OTLP over HTTP, as a collector does, and keeps what it gets: read with the messages that
 * OpenTelemetry publishes.
 */
public final class OtlpEndpoint implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<ExportTraceServiceRequest> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Temper temper;

  private OtlpEndpoint(HttpServer server, Temper temper) {
    this.server = server;
    this.temper = temper;
  }

  /** How it answers. */
  public enum Temper {
    /** With 200. */
    ACCEPTS,
    /** With 200, and forgets what it got. */
    FORGETS,
    /** With 400, which nobody tries again. */
    REFUSES,
    /** Never. */
    HANGS
  }

  /** Starts one on a free port of the loopback interface. */
  public static OtlpEndpoint start(Temper temper) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      OtlpEndpoint endpoint = new OtlpEndpoint(server, temper);
      server.setExecutor(endpoint.threads);
      server.createContext("/v1/traces", endpoint::take);
      server.start();
      return endpoint;
    } catch (IOException e) {
      throw new IllegalStateException("no port for a collector", e);
    }
  }

  /** Where it is, as {@code OTEL_EXPORTER_OTLP_ENDPOINT} names it. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** An environment that exports to it, soon. */
  public Map<String, String> environment() {
    return Map.of(TraceExport.ENDPOINT, url(), "OTEL_BSP_SCHEDULE_DELAY", "50");
  }

  /** Everything that it got. */
  public List<ExportTraceServiceRequest> requests() {
    return List.copyOf(requests);
  }

  /** All resources' spans. */
  public Stream<ResourceSpans> resources() {
    return requests.stream().flatMap(request -> request.getResourceSpansList().stream());
  }

  /** All spans of a trace. */
  public List<Span> spans(String traceId) {
    return resources()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .filter(span -> Ids.hex(span.getTraceId()).equals(traceId))
        .toList();
  }

  /** All spans of this name. */
  public List<Span> named(String name) {
    return resources()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .filter(span -> span.getName().equals(name))
        .toList();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = Objects.requireNonNull(exchange.getRequestBody()).readAllBytes();
      switch (temper) {
        case ACCEPTS -> {
          requests.add(ExportTraceServiceRequest.parseFrom(body));
          exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
          exchange.sendResponseHeaders(200, -1);
        }
        case FORGETS -> exchange.sendResponseHeaders(200, -1);
        case REFUSES -> exchange.sendResponseHeaders(400, -1);
        case HANGS -> closed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
