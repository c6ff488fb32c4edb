package dev.workspaceoperator.env;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/** TCP ports of 127.0.0.1. */
public final class FreePort {
  /**
   * Below what Linux and macOS hand out to outgoing connections: a client that dials a server which
   * is down for a moment can then not connect to itself.
   */
  private static final int LOWEST = 20_000;

  /**
   * A process looks in a part of the ports that hardly any other looks in, from one to the next:
   * between the look and the use of a port, which takes a Java process seconds, nobody else finds
   * it.
   */
  private static final int PARTS = 100;

  private static final int PART = 120;
  private static final AtomicInteger LOOKS = new AtomicInteger();

  private FreePort() {}

  /** One that nobody listens on now, and that this process was not given lately. */
  public static int find() {
    int lowest = LOWEST + (int) (ProcessHandle.current().pid() % PARTS) * PART;
    for (int i = 0; i < PART; i++) {
      int port = lowest + Math.floorMod(LOOKS.getAndIncrement(), PART);
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
