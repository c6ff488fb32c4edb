package dev.workspaceoperator.http.server;

import io.helidon.webserver.WebServer;

/** Starts a server of the HTTP library, which by itself only logs that it cannot listen. */
public final class ServerStart {
  private ServerStart() {}

  /**
   * Starts it, and returns once it listens.
   *
   * @throws IllegalStateException with this message, if it does not
   */
  public static void orThrow(WebServer server, String message) {
    try {
      server.start();
    } catch (RuntimeException e) {
      throw new IllegalStateException(message, e);
    }
    if (!server.isRunning()) {
      throw new IllegalStateException(message);
    }
  }
}
