package dev.workspaceoperator.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * One connection to Redis that many threads share, pipelined: what comes while a write is under way
 * goes out together in the next one, so that Redis makes many commands durable with one fsync.
 */
public final class RedisLine implements AutoCloseable {
  private static final int WAITING_MAX = 16_384;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Socket socket;
  private final BlockingQueue<Asked> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
  private final BlockingQueue<Asked> sent = new ArrayBlockingQueue<>(WAITING_MAX);

  private RedisLine(Socket socket) {
    this.socket = socket;
  }

  /** Connects. */
  public static RedisLine open(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    RedisLine line = new RedisLine(socket);
    Thread.ofPlatform().name("redis-writer").daemon(true).start(line::write);
    Thread.ofPlatform().name("redis-reader").daemon(true).start(line::read);
    return line;
  }

  /** Sends a command and waits for its answer, which is a line or a text. */
  public String ask(String... command) {
    Asked asked = new Asked(encoded(command), new CompletableFuture<>());
    if (!waiting.offer(asked)) {
      throw new IllegalStateException("too many commands wait");
    }
    return asked.answer().join();
  }

  private static String encoded(String... command) {
    StringBuilder text = new StringBuilder("*").append(command.length).append("\r\n");
    for (String part : command) {
      text.append('$')
          .append(part.getBytes(UTF_8).length)
          .append("\r\n")
          .append(part)
          .append("\r\n");
    }
    return text.toString();
  }

  private void write() {
    List<Asked> batch = new ArrayList<>();
    try (OutputStream out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES)) {
      while (true) {
        batch.clear();
        batch.add(waiting.take());
        waiting.drainTo(batch);
        for (Asked asked : batch) {
          sent.put(asked);
          out.write(asked.command().getBytes(UTF_8));
        }
        out.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES)) {
      while (true) {
        String line = line(in);
        CompletableFuture<String> answer = sent.take().answer();
        if (line.startsWith("-")) {
          answer.completeExceptionally(new IllegalStateException("Redis refuses: " + line));
        } else if (line.startsWith("$")) {
          byte[] text = in.readNBytes(Integer.parseInt(line.substring(1)));
          in.skipNBytes(2);
          answer.complete(new String(text, UTF_8));
        } else {
          answer.complete(line.substring(1));
        }
      }
    } catch (IOException e) {
      if (!socket.isClosed()) {
        throw new UncheckedIOException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\r'; c = in.read()) {
      if (c < 0) {
        throw new IOException("Redis closed the connection");
      }
      line.append((char) c);
    }
    in.skipNBytes(1);
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /**
   * A command and its answer.
   *
   * @param command as Redis takes it
   */
  private record Asked(String command, CompletableFuture<String> answer) {}
}
