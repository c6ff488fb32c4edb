package dev.workspaceoperator.storm;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A request that can be repeated.
 *
 * @param apiKey who asks
 * @param key the Idempotency-Key, where the operation is not idempotent by nature
 * @param body JSON
 */
record Ask(String apiKey, String method, String path, Optional<String> key, String body) {
  /** One attempt, as it goes over the wire. */
  byte[] bytes(String requestId) {
    return "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: %s\r\nX-Request-Id: %s\r\n%s%s"
        .formatted(
            method,
            path,
            apiKey,
            requestId,
            key.map(it -> "Idempotency-Key: " + it + "\r\n").orElse(""),
            method.equals("GET")
                ? "\r\n"
                : "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    .formatted(body.length(), body))
        .getBytes(StandardCharsets.US_ASCII);
  }

  static Ask get(String apiKey, String path) {
    return new Ask(apiKey, "GET", path, Optional.empty(), "");
  }

  static Ask post(String apiKey, String path, String body) {
    return new Ask(apiKey, "POST", path, Optional.empty(), body);
  }
}
