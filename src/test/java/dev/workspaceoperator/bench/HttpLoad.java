package dev.workspaceoperator.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Sends requests over connections that are kept, one request at a time on each (no pipelining),
 * from one thread, so that little of the machine is the generator's.
 */
final class HttpLoad implements AutoCloseable {
  private static final byte[] OK = "HTTP/1.1 20".getBytes(StandardCharsets.ISO_8859_1);
  private static final byte[] LENGTH = "\r\nContent-Length: ".getBytes(StandardCharsets.ISO_8859_1);
  private static final int ANSWER_BYTES_MAX = 64 * 1024;

  private final Selector selector;
  private final Connection[] connections;
  private final Deque<Connection> free = new ArrayDeque<>();
  private final long[] latencies = new long[4_000_000];
  private int answered;

  /**
   * Connects.
   *
   * @param requests what to send, whole; each connection repeats one of them
   */
  HttpLoad(int port, int connectionCount, List<String> requests) throws IOException {
    selector = Selector.open();
    connections = new Connection[connectionCount];
    for (int number = 0; number < connectionCount; number++) {
      connections[number] = new Connection(port, requests.get(number % requests.size()));
    }
  }

  /** What was measured. */
  static final class Result {
    private final double perSecond;
    private final long[] sortedNanos;

    private Result(double perSecond, long[] sortedNanos) {
      this.perSecond = perSecond;
      this.sortedNanos = sortedNanos;
    }

    /** Of several, one after the other: their answers as if of one, their rate on average. */
    static Result together(List<Result> results) {
      long[] all = results.stream().flatMapToLong(it -> Arrays.stream(it.sortedNanos)).toArray();
      Arrays.sort(all);
      return new Result(
          results.stream().mapToDouble(Result::perSecond).average().orElseThrow(), all);
    }

    /** Answers that came in time. */
    double perSecond() {
      return perSecond;
    }

    /** Answers. */
    int count() {
      return sortedNanos.length;
    }

    /** How long an answer took; in an open loop from when its request was due. */
    double millis(double quantile) {
      int index = (int) Math.ceil(sortedNanos.length * quantile) - 1;
      return sortedNanos[Math.clamp(index, 0, sortedNanos.length - 1)] / 1e6;
    }
  }

  /** Closed loop: the next request follows each answer. */
  Result asFastAsItGoes(double seconds) throws IOException {
    return run(seconds, 0);
  }

  /** Open loop: requests are due at this rate, whether or not answers come. */
  Result at(double perSecond, double seconds) throws IOException {
    return run(seconds, perSecond);
  }

  private Result run(double seconds, double rate) throws IOException {
    answered = 0;
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    double interval = rate == 0 ? 0 : 1e9 / rate;
    long due = 0;
    free.clear();
    for (Connection connection : connections) {
      free.add(connection);
    }
    long now = start;
    while (now < end) {
      while (!free.isEmpty() && (rate == 0 || start + (long) (due * interval) <= now)) {
        free.poll().send(rate == 0 ? now : start + (long) (due * interval));
        due++;
      }
      poll(rate == 0 ? 100 : 1);
      now = System.nanoTime();
    }
    int inTime = answered;
    while (free.size() < connections.length) {
      poll(100);
    }
    if (rate > 0 && inTime == 0) {
      throw new IllegalStateException("nothing was answered");
    }
    long[] sorted = Arrays.copyOf(latencies, answered);
    Arrays.sort(sorted);
    return new Result(inTime / ((now - start) / 1e9), sorted);
  }

  private void poll(long millis) throws IOException {
    selector.select(
        key -> {
          Connection connection = (Connection) key.attachment();
          if (connection != null && connection.receive()) {
            latencies[answered++] = System.nanoTime() - connection.dueAt;
            free.add(connection);
          }
        },
        millis);
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.channel.close();
    }
    selector.close();
  }

  /** One connection with at most one request under way. */
  private final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer request;
    private final ByteBuffer answer = ByteBuffer.allocate(ANSWER_BYTES_MAX);
    private long dueAt;

    Connection(int port, String text) throws IOException {
      channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      request = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    void send(long due) throws IOException {
      dueAt = due;
      request.rewind();
      while (request.hasRemaining()) {
        channel.write(request);
      }
    }

    /** Whether the answer is there as a whole. */
    boolean receive() {
      try {
        if (channel.read(answer) < 0) {
          throw new IllegalStateException("the server closed a connection");
        }
      } catch (IOException e) {
        throw new IllegalStateException("a connection broke", e);
      }
      byte[] bytes = answer.array();
      int size = answer.position();
      int headers = endOfHeaders(bytes, size);
      if (headers < 0) {
        return false;
      }
      if (!startsWith(bytes, 0, OK)) {
        throw new IllegalStateException(
            "not answered 2xx: " + new String(bytes, 0, size, StandardCharsets.UTF_8));
      }
      if (size < headers + contentLength(bytes, headers)) {
        return false;
      }
      answer.clear();
      return true;
    }
  }

  private static int endOfHeaders(byte[] bytes, int size) {
    for (int i = 0; i + 3 < size; i++) {
      if (bytes[i] == '\r'
          && bytes[i + 1] == '\n'
          && bytes[i + 2] == '\r'
          && bytes[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  private static int contentLength(byte[] bytes, int headers) {
    for (int i = 0; i < headers; i++) {
      if (startsWith(bytes, i, LENGTH)) {
        int length = 0;
        for (int digit = i + LENGTH.length; bytes[digit] != '\r'; digit++) {
          length = length * 10 + bytes[digit] - '0';
        }
        return length;
      }
    }
    return 0;
  }

  private static boolean startsWith(byte[] bytes, int offset, byte[] prefix) {
    for (int i = 0; i < prefix.length; i++) {
      // RFC 9112: names of headers are in any case.
      if (Character.toLowerCase(bytes[offset + i]) != Character.toLowerCase(prefix[i])) {
        return false;
      }
    }
    return true;
  }
}
