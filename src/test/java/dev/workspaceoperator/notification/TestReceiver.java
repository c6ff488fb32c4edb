package dev.workspaceoperator.notification;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A receiver on the loopback interface that does what its test says. */
final class TestReceiver implements AutoCloseable {
  static final SigningKey KEY = SigningKey.of("an unguessable key of the receiver").orElseThrow();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final List<Got> got = new CopyOnWriteArrayList<>();
  private volatile Behaviour behaviour;

  private TestReceiver(HttpServer server, Behaviour behaviour) {
    this.server = server;
    this.behaviour = behaviour;
  }

  /** Answers one request. */
  @FunctionalInterface
  interface Behaviour {
    /** Takes it, and answers 204. */
    Behaviour TAKES = exchange -> exchange.sendResponseHeaders(204, -1);

    void answer(HttpExchange exchange) throws IOException;

    /** Answers so, and says no more. */
    static Behaviour status(int status) {
      return exchange -> exchange.sendResponseHeaders(status, -1);
    }

    /** Takes it, and answers until its client is gone; counts the bytes. */
    static Behaviour endless(AtomicLong sent) {
      return exchange -> {
        exchange.sendResponseHeaders(200, 0);
        byte[] part = new byte[64 * 1024];
        try (OutputStream body = exchange.getResponseBody()) {
          while (true) {
            body.write(part);
            sent.addAndGet(part.length);
          }
        }
      };
    }
  }

  /** What came. */
  record Got(JsonNode event, String id, boolean signed) {
    String type() {
      return event.path("type").asText();
    }

    long sequence() {
      return event.path("sequence").asLong();
    }
  }

  static TestReceiver start(Behaviour behaviour) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    TestReceiver receiver = new TestReceiver(server, behaviour);
    server.createContext("/", receiver::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return receiver;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String id = exchange.getRequestHeaders().getFirst("webhook-id");
      long sentAt = Long.parseLong(exchange.getRequestHeaders().getFirst("webhook-timestamp"));
      boolean signed =
          KEY.signature(id, Instant.ofEpochSecond(sentAt), body)
              .equals(exchange.getRequestHeaders().getFirst("webhook-signature"));
      got.add(new Got(JSON.readTree(body), id, signed));
      behaviour.answer(exchange);
    }
  }

  /** From now on it does this. */
  void does(Behaviour other) {
    behaviour = other;
  }

  /** Everything that came, in the order in which it did. */
  List<Got> got() {
    return List.copyOf(got);
  }

  URI url() {
    try {
      return new URI("http://127.0.0.1:%d/hook".formatted(server.getAddress().getPort()));
    } catch (java.net.URISyntaxException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  Receiver as(String name) {
    return new Receiver(name, url(), KEY, Set.of("kill-switch", "budget"));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
