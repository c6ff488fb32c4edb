package dev.workspaceoperator.auth;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A forward proxy that knows CONNECT only, and leads every tunnel to one port of this machine. */
final class ConnectProxy implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> targets = new CopyOnWriteArrayList<>();
  private final int port;
  private final String expected;

  /**
   * Starts it.
   *
   * @param port where tunnels lead
   * @param userInfo what clients must know; empty: nothing
   */
  ConnectProxy(int port, String userInfo) throws IOException {
    this.port = port;
    this.expected =
        userInfo.isEmpty()
            ? ""
            : "proxy-authorization: Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    var _ = threads.submit(this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  /** What clients have asked for, {@code host:port}. */
  List<String> targets() {
    return List.copyOf(targets);
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }

  private Void accept() throws IOException {
    while (true) {
      Socket client = socket.accept();
      var _ = threads.submit(() -> tunnel(client));
    }
  }

  private Void tunnel(Socket client) throws IOException {
    try (client) {
      List<String> head = head(client.getInputStream());
      targets.add(head.getFirst().split(" ", -1)[1]);
      if (!expected.isEmpty() && head.stream().noneMatch(expected::equalsIgnoreCase)) {
        answer(
            client, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"");
        return null;
      }
      try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
        answer(client, "200 Connection established");
        var _ = threads.submit(() -> server.getInputStream().transferTo(client.getOutputStream()));
        client.getInputStream().transferTo(server.getOutputStream());
      }
      return null;
    }
  }

  private static void answer(Socket client, String text) throws IOException {
    client
        .getOutputStream()
        .write(("HTTP/1.1 " + text + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** Line by line, and not a byte more: what follows is the tunnel's. */
  private static List<String> head(InputStream input) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      int b = input.read();
      if (b < 0) {
        throw new IOException("the client is gone");
      }
      text.append((char) b);
    }
    return text.toString().lines().toList();
  }
}
