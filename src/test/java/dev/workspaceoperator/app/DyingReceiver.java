package dev.workspaceoperator.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.env.FreePort;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A receiver of notifications that dies: now and then it resets a connection in the middle of its
 * answer, or before it, and {@link #die} resets all of them and leaves the port to nobody.
 */
final class DyingReceiver implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] ANSWER = "HTTP/1.1 204 No Content\r\n\r\n".getBytes(ISO_8859_1);
  private static final int RESET_ONE_OF = 40;

  private final int port = FreePort.find();
  private final Random random;
  private final List<Got> got = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile ServerSocket server;

  DyingReceiver(long seed) throws IOException {
    this.random = new Random(seed);
    this.server = listening();
  }

  /** An event that came whole. */
  record Got(String source, long sequence, int number) {}

  private ServerSocket listening() throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    Thread.ofVirtual().start(() -> accept(socket));
    return socket;
  }

  private void accept(ServerSocket socket) {
    try {
      while (true) {
        Socket client = socket.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      // It has died.
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = client.getInputStream();
      while (true) {
        byte[] body = in.readNBytes(lengthOfBody(in));
        int fate = fate();
        if (fate == 0) {
          reset(client);
          return;
        }
        JsonNode event = JSON.readTree(body);
        synchronized (got) {
          got.add(
              new Got(
                  event.path("source").asText(),
                  event.path("sequence").asLong(),
                  event.at("/data/event/n").asInt()));
        }
        client.getOutputStream().write(ANSWER, 0, fate == 1 ? 11 : ANSWER.length);
        if (fate == 1) {
          reset(client);
          return;
        }
      }
    } catch (IOException e) {
      // Its client has died, or it has.
    } finally {
      open.remove(client);
    }
  }

  private int fate() {
    synchronized (random) {
      return random.nextInt(RESET_ONE_OF);
    }
  }

  private static int lengthOfBody(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      head.append((char) next);
    }
    return head.toString()
        .lines()
        .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:"))
        .map(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst()
        .orElseThrow(EOFException::new);
  }

  private static void reset(Socket client) throws IOException {
    try {
      client.setSoLinger(true, 0);
    } catch (SocketException e) {
      // Its own thread has closed it at the same moment.
      return;
    }
    client.close();
  }

  /** Everything ends at once, answers that are under way included. */
  void die() throws IOException {
    server.close();
    for (Socket client : open) {
      reset(client);
    }
  }

  /** It is there again, at the same port. */
  void comeBack() throws IOException {
    server = listening();
  }

  /** Everything that came whole, in the order in which it did. */
  List<Got> got() {
    return List.copyOf(got);
  }

  int port() {
    return port;
  }

  @Override
  public void close() throws IOException {
    die();
  }
}
