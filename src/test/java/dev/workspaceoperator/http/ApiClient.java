package dev.workspaceoperator.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.contract.OpenApiContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A caller of the API with one credential; holds every exchange to openapi.yaml. */
record ApiClient(HttpClient http, int port, Map<String, String> headers) {
  static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  /** One with an API key. */
  static ApiClient with(int port, String key) {
    return anonymous(port).header("X-API-Key", key);
  }

  /** One without a credential. */
  static ApiClient anonymous(int port) {
    return new ApiClient(
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build(),
        port,
        Map.of());
  }

  /** The same with another header on every request. */
  ApiClient header(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(name, value);
    return new ApiClient(http, port, more);
  }

  Reply get(String path) {
    return send("GET", path, Optional.empty());
  }

  Reply delete(String path) {
    return send("DELETE", path, Optional.empty());
  }

  Reply post(String path, String json) {
    return header("Content-Type", "application/json").send("POST", path, Optional.of(json));
  }

  Reply patch(String path, String json) {
    return header("Content-Type", "application/merge-patch+json")
        .send("PATCH", path, Optional.of(json));
  }

  Reply send(String method, String path, Optional<String> body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .method(
                method,
                body.map(HttpRequest.BodyPublishers::ofString)
                    .orElseGet(HttpRequest.BodyPublishers::noBody));
    headers.forEach(request::header);
    try {
      HttpRequest built = request.build();
      HttpResponse<String> response = http.send(built, HttpResponse.BodyHandlers.ofString());
      if (!method.equals("HEAD") && !method.equals("OPTIONS")) {
        OpenApiContract.shipped()
            .check(
                method,
                path,
                built.headers().map(),
                body.orElse(""),
                response.statusCode(),
                response.headers().map(),
                response.body());
      }
      return new Reply(response.statusCode(), response.headers().map(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What the server answered. */
  record Reply(int status, Map<String, List<String>> headers, String body) {

    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (JsonProcessingException e) {
        throw new AssertionError("not JSON: " + body, e);
      }
    }

    /** The problem's code; empty for a good answer. */
    String code() {
      return json().path("code").asText("");
    }

    String header(String name) {
      return headers.entrySet().stream()
          .filter(entry -> entry.getKey().equalsIgnoreCase(name))
          .map(entry -> String.join(", ", entry.getValue()))
          .findFirst()
          .orElse("");
    }

    /** {@code pointer} of each error. */
    List<String> pointers() {
      return json().path("errors").findValuesAsText("pointer");
    }
  }
}
