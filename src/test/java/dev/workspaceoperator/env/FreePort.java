package dev.workspaceoperator.env;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;

/** TCP ports of 127.0.0.1. */
public final class FreePort {
  /**
   * Below what Linux and macOS hand out to outgoing connections: a client that dials a server which
   * is down for a moment can then not connect to itself.
   */
  private static final int LOWEST = 20_000;

  private static final int COUNT = 12_000;
  private static final int TRIES = 200;
  private static final SecureRandom RANDOM = new SecureRandom();

  private FreePort() {}

  /** One that nobody listens on now. */
  public static int find() {
    for (int i = 0; i < TRIES; i++) {
      int port = LOWEST + RANDOM.nextInt(COUNT);
      if (isFree(port)) {
        return port;
      }
    }
    throw new KubeUnavailableException("No free port on 127.0.0.1.");
  }

  /** Whether nobody listens on it now. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
