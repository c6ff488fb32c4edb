package dev.workspaceoperator.auth;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** An issuer's web server on this machine, which can be made to misbehave. */
final class JwksServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Behaviour behaviour = exchange -> answer(exchange, 200, "{\"keys\":[]}");
  private volatile Optional<String> lastAuthorization = Optional.empty();

  /** What it does with a request for its keys. */
  interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  JwksServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI uri() {
    return URI.create(base() + "/keys");
  }

  String base() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Publishes these keys and no others. */
  void publish(TokenSigner... keys) {
    publish(
        Arrays.stream(keys)
            .map(TokenSigner::jwk)
            .collect(Collectors.joining(",", "{\"keys\":[", "]}")));
  }

  void publish(String json) {
    behaviour = exchange -> answer(exchange, 200, json);
  }

  void behave(Behaviour wanted) {
    behaviour = wanted;
  }

  int requests() {
    return requests.get();
  }

  Optional<String> lastAuthorization() {
    return lastAuthorization;
  }

  static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    lastAuthorization = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
    behaviour.answer(exchange);
  }
}
