package dev.workspaceoperator.storm;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * A connection to a replica, kept from request to request. Blocking, for a virtual thread: little
 * of the machine is the clients'.
 */
public final class Wire implements AutoCloseable {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int ANSWER_MILLIS = 20_000;
  private static final int HEAD_BYTES_MAX = 8_192;

  private final Socket socket;
  private final InputStream input;
  private byte[] buffer = new byte[HEAD_BYTES_MAX];
  private int filled;

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.input = socket.getInputStream();
  }

  /**
   * Connects.
   *
   * @throws IOException if nobody listens
   */
  public static Wire connect(int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      return new Wire(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Whether somebody listens there. */
  public static boolean answers(int port) {
    try (Wire _ = connect(port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Sends a whole request, and reads its whole answer. */
  public Reply call(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    filled = 0;
    int head = -1;
    while (head < 0) {
      fill();
      head = headLength();
    }
    String headers = new String(buffer, 0, head, StandardCharsets.ISO_8859_1);
    String lower = headers.toLowerCase(Locale.ROOT);
    int length = contentLength(lower);
    if (buffer.length < head + length) {
      buffer = Arrays.copyOf(buffer, head + length);
    }
    while (filled < head + length) {
      fill();
    }
    return new Reply(
        Integer.parseInt(headers, 9, 12, 10),
        lower.contains("\r\nidempotency-replayed: true"),
        new String(buffer, head, length, StandardCharsets.UTF_8));
  }

  /** Sends the beginning of a request, and resets the connection. */
  void abort(byte[] request, int length) throws IOException {
    socket.getOutputStream().write(request, 0, length);
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void fill() throws IOException {
    if (filled == buffer.length) {
      throw new IOException("an answer's head is too long");
    }
    int read = input.read(buffer, filled, buffer.length - filled);
    if (read < 0) {
      throw new IOException("the replica closed the connection");
    }
    filled += read;
  }

  private int headLength() {
    for (int i = 0; i + 3 < filled; i++) {
      if (buffer[i] == '\r'
          && buffer[i + 1] == '\n'
          && buffer[i + 2] == '\r'
          && buffer[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  private static int contentLength(String lowerCaseHeaders) throws IOException {
    String name = "\r\ncontent-length: ";
    int at = lowerCaseHeaders.indexOf(name);
    if (at < 0) {
      throw new IOException("an answer without a length: " + lowerCaseHeaders);
    }
    int from = at + name.length();
    return Integer.parseInt(
        lowerCaseHeaders.substring(from, lowerCaseHeaders.indexOf('\r', from)).strip());
  }

  /**
   * An answer.
   *
   * @param replayed whether an earlier request of the same key made it
   */
  public record Reply(int status, boolean replayed, String body) {
    /** A member of the answer as it is printed, without quotes; empty where it is null. */
    public String field(String name) {
      String start = "\"" + name + "\":";
      int at = body.indexOf(start);
      if (at < 0) {
        return "";
      }
      int from = at + start.length();
      if (body.charAt(from) == '"') {
        return body.substring(from + 1, body.indexOf('"', from + 1));
      }
      int to = from;
      while (to < body.length() && ",}]".indexOf(body.charAt(to)) < 0) {
        to++;
      }
      String value = body.substring(from, to).strip();
      return value.equals("null") ? "" : value;
    }

    /** The problem's code; the status of a good answer. */
    public String code() {
      return status < 300 ? Integer.toString(status) : field("code");
    }
  }
}
