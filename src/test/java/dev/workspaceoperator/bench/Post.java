package dev.workspaceoperator.bench;

/**
 * A request.
 *
 * @param path what is posted to
 * @param key the API key
 * @param body JSON
 */
record Post(String path, String key, String body) {
  /** As {@code post.lua} reads it. */
  String line() {
    return path + " " + key + " " + body;
  }

  /** As it goes over the wire. */
  String wire() {
    return "POST %s HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(path, key, body.length(), body);
  }
}
