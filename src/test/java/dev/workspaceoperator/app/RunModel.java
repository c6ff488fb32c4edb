package dev.workspaceoperator.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Speaks as the APIs of OpenAI and Anthropic do, streaming too, with no model inside: what traffic
 * through a gateway is tried with. The model's name may ask for trouble: {@code fail-429}, {@code
 * fail-500}, {@code slow-3000} (milliseconds before the answer).
 */
public final class RunModel implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> WORDS =
      List.of("There", " is", " no", " model", " here,", " only", " its", " words.");
  private static final Duration BETWEEN_WORDS = Duration.ofMillis(20);
  private static final int TOKENS_OUT = WORDS.size();

  /** About as models count, so that the same request costs the same each time. */
  private static final int BYTES_A_TOKEN = 4;

  static {
    // Gateways keep connections for longer than the 30 s after which the JDK's server ends them,
    // and a request that meets such an end is a 503 of theirs.
    System.setProperty("sun.net.httpserver.idleInterval", "3600");
    System.setProperty("sun.net.httpserver.maxIdleConnections", "2000");
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Map<String, List<String>> lastHeaders = Map.of();

  private RunModel(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts it on loopback.
   *
   * @param port 0 for any that is free
   */
  public static RunModel start(int port) throws IOException {
    RunModel model =
        new RunModel(
            HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024));
    model.server.setExecutor(model.threads);
    model.server.createContext("/", model::handle);
    model.server.start();
    return model;
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** How many requests have reached it. */
  public int asked() {
    return asked.get();
  }

  /** Those of the request that came last. */
  public Map<String, List<String>> lastHeaders() {
    return lastHeaders;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      answer(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Answers a request of either API. */
  void answer(HttpExchange exchange) throws IOException, InterruptedException {
    asked.incrementAndGet();
    lastHeaders = Map.copyOf(exchange.getRequestHeaders());
    byte[] body = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    if (path.endsWith("/models")) {
      send(
          exchange,
          200,
          JSON.createObjectNode().put("object", "list").set("data", JSON.createArrayNode()));
      return;
    }
    JsonNode request;
    try {
      request = JSON.readTree(body);
    } catch (IOException e) {
      send(exchange, 400, error("The body is not JSON."));
      return;
    }
    String model = request.path("model").asText("");
    if (model.startsWith("fail-")) {
      send(
          exchange, Integer.parseInt(model.substring("fail-".length())), error("As it was asked."));
      return;
    }
    if (model.startsWith("slow-")) {
      Thread.sleep(Duration.ofMillis(Integer.parseInt(model.substring("slow-".length()))));
    }
    Talk talk =
        new Talk(
            model,
            body.length / BYTES_A_TOKEN,
            request.path("stream_options").path("include_usage").asBoolean());
    boolean isMessages = path.endsWith("/messages");
    if (!request.path("stream").asBoolean()) {
      send(exchange, 200, isMessages ? talk.message() : talk.completion());
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream output = exchange.getResponseBody();
    if (isMessages) {
      talk.streamMessage(output);
    } else {
      talk.streamCompletion(output);
    }
  }

  private static ObjectNode error(String message) {
    ObjectNode error = JSON.createObjectNode();
    error.putObject("error").put("message", message).put("type", "mock_error").putNull("param");
    return error;
  }

  private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** One answer. */
  private record Talk(String model, int tokensIn, boolean tellsUsage) {

    private ObjectNode completion() {
      ObjectNode answer = head("chat.completion");
      ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
      choice.putObject("message").put("role", "assistant").put("content", String.join("", WORDS));
      choice.put("finish_reason", "stop");
      answer.set("usage", usage());
      return answer;
    }

    private ObjectNode head(String object) {
      return JSON.createObjectNode()
          .put("id", "chatcmpl-mock")
          .put("object", object)
          .put("created", 1_700_000_000)
          .put("model", model);
    }

    private ObjectNode usage() {
      return JSON.createObjectNode()
          .put("prompt_tokens", tokensIn)
          .put("completion_tokens", TOKENS_OUT)
          .put("total_tokens", tokensIn + TOKENS_OUT);
    }

    private void streamCompletion(OutputStream output) throws IOException, InterruptedException {
      for (String word : WORDS) {
        ObjectNode chunk = head("chat.completion.chunk");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.putObject("delta").put("role", "assistant").put("content", word);
        choice.putNull("finish_reason");
        event(output, "", chunk);
        Thread.sleep(BETWEEN_WORDS);
      }
      ObjectNode last = head("chat.completion.chunk");
      ObjectNode choice = last.putArray("choices").addObject().put("index", 0);
      choice.putObject("delta");
      choice.put("finish_reason", "stop");
      event(output, "", last);
      if (tellsUsage) {
        ObjectNode counted = head("chat.completion.chunk");
        counted.putArray("choices");
        counted.set("usage", usage());
        event(output, "", counted);
      }
      output.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
      output.flush();
    }

    private ObjectNode message() {
      ObjectNode answer =
          JSON.createObjectNode()
              .put("id", "msg_mock")
              .put("type", "message")
              .put("role", "assistant")
              .put("model", model);
      answer
          .putArray("content")
          .addObject()
          .put("type", "text")
          .put("text", String.join("", WORDS));
      answer.put("stop_reason", "end_turn").putNull("stop_sequence");
      answer.putObject("usage").put("input_tokens", tokensIn).put("output_tokens", TOKENS_OUT);
      return answer;
    }

    private void streamMessage(OutputStream output) throws IOException, InterruptedException {
      ObjectNode start = JSON.createObjectNode().put("type", "message_start");
      ObjectNode message = message();
      message.putArray("content");
      message.putNull("stop_reason");
      message.putObject("usage").put("input_tokens", tokensIn).put("output_tokens", 1);
      start.set("message", message);
      event(output, "message_start", start);
      ObjectNode block = JSON.createObjectNode().put("type", "content_block_start").put("index", 0);
      block.putObject("content_block").put("type", "text").put("text", "");
      event(output, "content_block_start", block);
      for (String word : WORDS) {
        ObjectNode delta =
            JSON.createObjectNode().put("type", "content_block_delta").put("index", 0);
        delta.putObject("delta").put("type", "text_delta").put("text", word);
        event(output, "content_block_delta", delta);
        Thread.sleep(BETWEEN_WORDS);
      }
      event(
          output,
          "content_block_stop",
          JSON.createObjectNode().put("type", "content_block_stop").put("index", 0));
      ObjectNode end = JSON.createObjectNode().put("type", "message_delta");
      end.putObject("delta").put("stop_reason", "end_turn").putNull("stop_sequence");
      end.putObject("usage").put("input_tokens", tokensIn).put("output_tokens", TOKENS_OUT);
      event(output, "message_delta", end);
      event(output, "message_stop", JSON.createObjectNode().put("type", "message_stop"));
    }

    private static void event(OutputStream output, String name, JsonNode data) throws IOException {
      String head = name.isEmpty() ? "" : "event: " + name + "\n";
      output.write(
          (head + "data: " + JSON.writeValueAsString(data) + "\n\n")
              .getBytes(StandardCharsets.UTF_8));
      output.flush();
    }
  }
}
