package dev.workspaceoperator.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.workspaceoperator.app.option.ListenAddress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.BooleanSupplier;

/**
 * The management port (design.md §9): {@code /livez}, {@code /readyz}, {@code /metrics}. Meant for
 * the kubelet, for Prometheus and for the probes of balancers, not for users.
 *
 * <p>It is the server of the JDK, because probes are older than HTTP/1.1 now and then, which the
 * one of the REST API does not speak.
 */
final class ManagementServer implements AutoCloseable {
  /** From the first byte of a request to the last of its answer; a scrape is the longest. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Whoever is served longest makes room when more come: a probe is answered in no time. */
  static final int AT_ONCE = 64;

  private static final String TEXT = "text/plain; charset=utf-8";
  private static final int CHUNK_BYTES = 64 * 1024;

  private final HttpServer server;
  private final Duration patience;
  private final BooleanSupplier ready;
  private final Figures metrics;
  private final SequencedSet<Thread> workers = new LinkedHashSet<>();

  /** What there is to scrape. */
  @FunctionalInterface
  interface Figures {
    /** Writes all of it. */
    void write(OutputStream output, Exposition form) throws IOException;
  }

  private ManagementServer(
      HttpServer server, BooleanSupplier ready, Figures metrics, Duration patience) {
    this.server = server;
    this.patience = patience;
    this.ready = ready;
    this.metrics = metrics;
  }

  /**
   * Starts it.
   *
   * @param ready whether the process wants traffic
   * @throws IllegalStateException if the port is taken
   */
  static ManagementServer start(ListenAddress address, BooleanSupplier ready, Figures metrics) {
    return start(address, ready, metrics, PATIENCE);
  }

  /** The same with another bound of a client's slowness. */
  static ManagementServer start(
      ListenAddress address, BooleanSupplier ready, Figures metrics, Duration patience) {
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(address.host(), address.port()), 0);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "The management server cannot listen on %s: is another process using the port? Choose another with --management-address."
              .formatted(address),
          e);
    }
    ManagementServer management = new ManagementServer(server, ready, metrics, patience);
    server.setExecutor(management::serve);
    server.createContext("/", management::handle);
    server.start();
    return management;
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** How many requests are read or answered now. */
  int served() {
    synchronized (workers) {
      return workers.size();
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /**
   * Reads a request and answers it. The JDK's server has no deadline for either; an interrupt
   * closes the channel that its thread waits for.
   */
  private void serve(Runnable request) {
    Thread worker =
        Thread.ofVirtual()
            .name("management")
            .unstarted(() -> {
              try {
                request.run();
              } finally {
                left(Thread.currentThread());
              }
            });
    enter(worker);
    worker.start();
    Thread _ =
        Thread.ofVirtual()
            .name("management-watch")
            .start(() -> {
              try {
                if (!worker.join(patience)) {
                  worker.interrupt();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void enter(Thread worker) {
    Thread leaving;
    synchronized (workers) {
      workers.addLast(worker);
      leaving = workers.size() > AT_ONCE ? workers.removeFirst() : null;
    }
    if (leaving != null) {
      leaving.interrupt();
    }
  }

  private void left(Thread worker) {
    synchronized (workers) {
      workers.remove(worker);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    if (!method.equals("HEAD") && !method.equals("GET")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      exchange.sendResponseHeaders(405, -1);
      return;
    }
    switch (exchange.getRequestURI().getPath()) {
      case "/livez" -> send(exchange, new Page(200, TEXT, "ok\n"));
      case "/readyz" ->
          send(
              exchange,
              ready.getAsBoolean()
                  ? new Page(200, TEXT, "ok\n")
                  : new Page(503, TEXT, "not ready\n"));
      case "/metrics" -> sendMetrics(exchange);
      case null, default ->
          send(exchange, new Page(404, TEXT, "There are /livez, /readyz and /metrics here.\n"));
    }
  }

  /** Written as it is made: of 10,000 workspaces it would be a large part of the heap. */
  private void sendMetrics(HttpExchange exchange) throws IOException {
    List<String> accept = exchange.getRequestHeaders().getOrDefault("Accept", List.of());
    Exposition form = Exposition.of(String.join(",", accept));
    exchange.getResponseHeaders().set("Content-Type", form.contentType());
    exchange.getResponseHeaders().set("Vary", "Accept");
    if (isHead(exchange)) {
      CountedBytes counted = new CountedBytes();
      metrics.write(counted, form);
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(counted.bytes));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream output = new BufferedOutputStream(exchange.getResponseBody(), CHUNK_BYTES)) {
      metrics.write(output, form);
    }
  }

  private static boolean isHead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD");
  }

  private static void send(HttpExchange exchange, Page page) throws IOException {
    byte[] body = page.text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", page.type);
    if (isHead(exchange)) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(page.status, -1);
    } else {
      exchange.sendResponseHeaders(page.status, body.length);
      try (OutputStream output = exchange.getResponseBody()) {
        output.write(body);
      }
    }
  }

  /** Where nothing is kept. */
  private static final class CountedBytes extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] text, int offset, int length) {
      bytes += length;
    }
  }

  /** What a path answers. */
  private record Page(int status, String type, String text) {}
}
