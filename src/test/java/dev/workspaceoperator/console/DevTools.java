package dev.workspaceoperator.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * The DevTools protocol of a Chromium, over one WebSocket. It is what drivers such as Playwright
 * speak; the part that is needed here is small, and their packages are two hundred megabytes.
 */
final class DevTools implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final Map<String, BiConsumer<String, JsonNode>> listeners = new ConcurrentHashMap<>();
  private final WebSocket socket;

  DevTools(URI address) {
    this.socket =
        http.newWebSocketBuilder()
            .buildAsync(address, new Messages())
            .orTimeout(20, TimeUnit.SECONDS)
            .join();
  }

  /** Calls a method of the browser. */
  JsonNode call(String method, Map<String, ?> parameters) throws InterruptedException {
    return call("", method, parameters);
  }

  /**
   * Calls a method of a page.
   *
   * @param session of the page; empty: the browser is meant
   * @throws AssertionError if it fails
   */
  JsonNode call(String session, String method, Map<String, ?> parameters)
      throws InterruptedException {
    int id = ids.incrementAndGet();
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, answer);
    synchronized (socket) {
      socket.sendText(message.toString(), true).join();
    }
    try {
      JsonNode come = answer.get(ANSWER_BOUND.toSeconds(), TimeUnit.SECONDS);
      if (come.has("error")) {
        throw new AssertionError(method + ": " + come.path("error"));
      }
      return come.path("result");
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(method + " is not answered", e);
    } finally {
      asked.remove(id);
    }
  }

  /** Hears what happens in a page. */
  void listen(String session, BiConsumer<String, JsonNode> listener) {
    listeners.put(session, listener);
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
  }

  private void receive(JsonNode message) {
    CompletableFuture<JsonNode> waiting = asked.get(message.path("id").asInt(-1));
    if (waiting != null) {
      waiting.complete(message);
      return;
    }
    BiConsumer<String, JsonNode> listener = listeners.get(message.path("sessionId").asText());
    if (listener != null) {
      listener.accept(message.path("method").asText(), message.path("params"));
    }
  }

  /** A message comes in parts. */
  private final class Messages implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        String whole = text.toString();
        text.setLength(0);
        try {
          receive(JSON.readTree(whole));
        } catch (JsonProcessingException e) {
          throw new IllegalStateException("Chromium has sent what is no JSON", e);
        }
      }
      from.request(1);
      return CompletableFuture.completedStage(null);
    }
  }
}
