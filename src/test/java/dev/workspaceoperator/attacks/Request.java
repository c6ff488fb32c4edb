package dev.workspaceoperator.attacks;

import java.nio.charset.StandardCharsets;

/** Requests as they go over the wire; with {@link Blank}s where the sender fills them in. */
final class Request {
  private Request() {}

  static String get(String path, String key) {
    return head("GET", path, key) + "\r\n";
  }

  static String delete(String path, String key) {
    return head("DELETE", path, key) + "\r\n";
  }

  static String post(String path, String key, String body) {
    return head("POST", path, key) + entity(body);
  }

  static String patch(String path, String key, String body) {
    return head("PATCH", path, key) + entity(body);
  }

  /** One whose effect happens once for each {@code idempotencyKey}. */
  static String postOnce(String path, String key, String idempotencyKey, String body) {
    return head("POST", path, key) + "Idempotency-Key: " + idempotencyKey + "\r\n" + entity(body);
  }

  /** One with a token instead of a key. */
  static String withToken(String path, String token) {
    return "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
        .formatted(path, token);
  }

  static byte[] bytes(String request) {
    return request.getBytes(StandardCharsets.UTF_8);
  }

  private static String head(String method, String path, String key) {
    return "%s %s HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %s\r\n".formatted(method, path, key);
  }

  private static String entity(String body) {
    return "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(bytes(body).length + Blank.growth(body), body);
  }
}
