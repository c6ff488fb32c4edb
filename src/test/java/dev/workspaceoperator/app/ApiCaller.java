package dev.workspaceoperator.app;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** A client of one replica of the role {@code api}. */
record ApiCaller(int port, HttpClient http) {
  static final String WORKSPACE = "/v1/workspace/";
  static final String KILL_SWITCH = "/v1/workspace/kill-switch";
  static final String OVERRIDES = "/v1/workspace/overrides";
  static final String API_KEYS = "/v1/api-keys";

  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  ApiCaller(int port) {
    this(
        port,
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(Duration.ofSeconds(5))
            .build());
  }

  /** GET with an API key. */
  Reply get(String key, String path) throws IOException {
    return call(key, "GET", path, "");
  }

  /** Any request with an API key; the body is JSON, or empty for none. */
  Reply call(String key, String method, String path, String body) throws IOException {
    String requestId = UUID.randomUUID().toString();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(ANSWER_WITHIN)
            .header("X-API-Key", key)
            .header("X-Request-Id", requestId)
            .header("Content-Type", "application/json")
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    long sentAtNanos = System.nanoTime();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return new Reply(
          response.statusCode(),
          response.headers().firstValue("Retry-After"),
          JSON.readTree(response.body()),
          requestId,
          Duration.ofNanos(System.nanoTime() - sentAtNanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** The status of a GET of the workspace; 0 where nobody answers. */
  int status(String key) {
    try {
      return get(key, WORKSPACE).status();
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * What a replica answered.
   *
   * @param requestId as it is in audit rows
   * @param took from sending the request to having the answer
   */
  record Reply(
      int status, Optional<String> retryAfter, JsonNode json, String requestId, Duration took) {

    /** The problem's code; empty for a good answer. */
    String code() {
      return json.path("code").asText("");
    }

    /** A field of the answer as it is printed. */
    String field(String name) {
      return json.path(name).toString();
    }
  }
}
