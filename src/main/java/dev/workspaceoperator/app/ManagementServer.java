package dev.workspaceoperator.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * The management port (design.md §9): {@code /livez}, {@code /readyz}, {@code /metrics}. Meant for
 * the kubelet, for Prometheus and for the probes of balancers, not for users.
 *
 * <p>It is the server of the JDK, because probes are older than HTTP/1.1 now and then, which the
 * one of the REST API does not speak.
 */
final class ManagementServer implements AutoCloseable {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService threads;
  private final BooleanSupplier ready;
  private final PrometheusMeterRegistry metrics;

  private ManagementServer(
      HttpServer server, BooleanSupplier ready, PrometheusMeterRegistry metrics) {
    this.server = server;
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
    this.ready = ready;
    this.metrics = metrics;
  }

  /**
   * Starts it.
   *
   * @param ready whether the process wants traffic
   * @throws IllegalStateException if the port is taken
   */
  static ManagementServer start(
      ListenAddress address, BooleanSupplier ready, PrometheusMeterRegistry metrics) {
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(address.host(), address.port()), 0);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "The management server cannot listen on %s: is another process using the port? Choose another with --management-address."
              .formatted(address),
          e);
    }
    ManagementServer management = new ManagementServer(server, ready, metrics);
    server.setExecutor(management.threads);
    server.createContext("/", management::handle);
    server.start();
    return management;
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    send(
        exchange,
        switch (exchange.getRequestURI().getPath()) {
          case "/livez" -> new Page(200, TEXT, "ok\n");
          case "/readyz" ->
              ready.getAsBoolean()
                  ? new Page(200, TEXT, "ok\n")
                  : new Page(503, TEXT, "not ready\n");
          case "/metrics" -> new Page(200, METRICS, metrics.scrape());
          case null, default ->
              new Page(404, TEXT, "There are /livez, /readyz and /metrics here.\n");
        });
  }

  private static void send(HttpExchange exchange, Page page) throws IOException {
    String method = exchange.getRequestMethod();
    boolean head = method.equals("HEAD");
    if (!head && !method.equals("GET")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      exchange.sendResponseHeaders(405, -1);
      return;
    }
    byte[] body = page.text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", page.type);
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(page.status, -1);
    } else {
      exchange.sendResponseHeaders(page.status, body.length);
      try (OutputStream output = exchange.getResponseBody()) {
        output.write(body);
      }
    }
  }

  /** What a path answers. */
  private record Page(int status, String type, String text) {}
}
