package dev.workspaceoperator.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends one request again and again on many connections, without pipelining. It costs little, so
 * that what is measured beside it on the same machine is the server.
 */
final class HttpLoad {
  private static final int SAMPLES_MAX = 4_000_000;

  private final int port;
  private final byte[] request;
  private final int connections;

  /**
   * A load.
   *
   * @param request the whole request, with LF for each line break
   */
  HttpLoad(int port, String request, int connections) {
    this.port = port;
    this.request = request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    this.connections = connections;
  }

  /**
   * What was seen.
   *
   * @param perSecond answers with status 200
   * @param p50Millis from when a request was due, so that waiting in line counts
   * @param failures other answers
   */
  record Result(double perSecond, double p50Millis, double p99Millis, long failures) {}

  /** As many as it can. */
  Result flatOut(Duration time) throws InterruptedException, ExecutionException {
    return run(time, 0);
  }

  /** At this rate, whether or not the answers keep up. */
  Result paced(Duration time, double perSecond) throws InterruptedException, ExecutionException {
    return run(time, (long) (1e9 * connections / perSecond));
  }

  private Result run(Duration time, long pauseNanos)
      throws InterruptedException, ExecutionException {
    long startedAt = System.nanoTime();
    long end = startedAt + time.toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Connection>> all = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        long offset = pauseNanos * i / connections;
        all.add(
            threads.submit(() -> {
              Connection connection = new Connection(SAMPLES_MAX / connections);
              connection.run(startedAt + offset, end, pauseNanos);
              return connection;
            }));
      }
      List<long[]> samples = new ArrayList<>();
      long answers = 0;
      long failures = 0;
      for (Future<Connection> one : all) {
        Connection connection = one.get();
        answers += connection.answers;
        failures += connection.failures;
        samples.add(
            Arrays.copyOf(connection.nanos, Math.min(connection.answers, connection.nanos.length)));
      }
      long[] sorted = samples.stream().flatMapToLong(Arrays::stream).sorted().toArray();
      return new Result(
          (answers - failures) / (time.toNanos() / 1e9),
          quantile(sorted, 0.5),
          quantile(sorted, 0.99),
          failures);
    }
  }

  private static double quantile(long[] sorted, double quantile) {
    return sorted.length == 0 ? 0 : sorted[(int) (quantile * (sorted.length - 1))] / 1e6;
  }

  private final class Connection {
    private final long[] nanos;
    private final byte[] buffer = new byte[16 * 1024];
    private int answers;
    private int failures;

    Connection(int samplesMax) {
      this.nanos = new long[samplesMax];
    }

    void run(long firstDue, long end, long pauseNanos) throws IOException {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setTcpNoDelay(true);
        OutputStream output = socket.getOutputStream();
        InputStream input = socket.getInputStream();
        long due = firstDue;
        while (true) {
          long now = System.nanoTime();
          if (pauseNanos > 0 && now < due) {
            LockSupport.parkNanos(due - now);
          } else if (pauseNanos == 0) {
            due = now;
          }
          if (System.nanoTime() >= end || due >= end) {
            return;
          }
          output.write(request);
          boolean good = readAnswer(input);
          if (answers < nanos.length) {
            nanos[answers] = System.nanoTime() - due;
          }
          answers++;
          failures += good ? 0 : 1;
          due += pauseNanos;
        }
      }
    }

    private boolean readAnswer(InputStream input) throws IOException {
      int length = 0;
      int expected = -1;
      while (expected < 0 || length < expected) {
        int read = input.read(buffer, length, buffer.length - length);
        if (read < 0) {
          throw new EOFException("the server closed the connection");
        }
        length += read;
        if (expected < 0) {
          expected = expectedLength(length);
        }
      }
      return buffer[9] == '2';
    }

    /** Head and body together; negative while the head is not there. */
    private int expectedLength(int length) {
      String text = new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        return -1;
      }
      String head = text.substring(0, end).toLowerCase(Locale.ROOT);
      int at = head.indexOf("content-length:") + "content-length:".length();
      int lineEnd = head.indexOf('\r', at);
      String number = head.substring(at, lineEnd < 0 ? head.length() : lineEnd).strip();
      return end + 4 + Integer.parseInt(number);
    }
  }
}
