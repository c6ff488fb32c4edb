package dev.workspaceoperator.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Waits for a server that was just started. */
final class Listening {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(20);

  private Listening() {}

  /** Returns once something accepts connections on this port of the loopback address. */
  static void await(int port) {
    Awaitility.await("listening on port " + port)
        .atMost(BOUND)
        .pollDelay(Duration.ZERO)
        .pollInterval(POLL)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> {
          try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
          }
        });
  }
}
