package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP server on 127.0.0.1 that is as far from another one as it is told: what goes through it
 * arrives half a round trip later, each way, in order and as much of it as there is. It stands for
 * {@code tc qdisc add … netem delay}, which needs root and a module of the kernel.
 */
public final class DelayProxy implements AutoCloseable {
  private static final int CHUNK_BYTES = 64 * 1024;

  /** The end of what is carried. */
  private static final Chunk END = new Chunk(ByteBuffer.allocate(0), 0);

  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final LongAdder roundTrips = new LongAdder();
  private volatile long oneWayNanos;

  private DelayProxy(int target) {
    this.target = target;
    try {
      listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts one on a free port.
   *
   * @param target a port of 127.0.0.1
   */
  public static DelayProxy start(int target, Duration roundTrip) {
    DelayProxy proxy = new DelayProxy(target);
    proxy.setRoundTrip(roundTrip);
    Thread.ofPlatform().daemon(true).name("delay-proxy").start(proxy::accept);
    return proxy;
  }

  /** Where it listens. */
  public int port() {
    return listener.getLocalPort();
  }

  /** How far off the server is from now on, for connections that are there too. */
  public void setRoundTrip(Duration roundTrip) {
    oneWayNanos = roundTrip.dividedBy(2).toNanos();
  }

  /** How often clients have sent something after an answer, or as the first: on all connections. */
  public long roundTrips() {
    return roundTrips.sum();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sockets.forEach(DelayProxy::end);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        connect(client);
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void connect(Socket client) {
    Socket server;
    try {
      server = new Socket(InetAddress.getLoopbackAddress(), target);
      server.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
    } catch (IOException e) {
      // Nobody is there: the client finds out the same way.
      end(client);
      return;
    }
    sockets.add(server);
    AtomicBoolean asked = new AtomicBoolean();
    // TCP's own handshake takes a round trip before the first byte.
    long handshake = 2 * oneWayNanos;
    carry(
        client,
        server,
        handshake,
        () -> {
          if (!asked.getAndSet(true)) {
            roundTrips.increment();
          }
        });
    carry(server, client, 0, () -> asked.set(false));
  }

  /** Carries everything one way; ends both when either ends. */
  private void carry(Socket from, Socket to, long firstNanos, Runnable onChunk) {
    BlockingQueue<Chunk> underWay = new LinkedBlockingQueue<>();
    Thread.ofPlatform()
        .daemon(true)
        .name("delay-proxy-in")
        .start(() -> {
          byte[] buffer = new byte[CHUNK_BYTES];
          long more = firstNanos;
          try {
            InputStream in = from.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
              onChunk.run();
              long due = System.nanoTime() + oneWayNanos + more;
              underWay.add(new Chunk(ByteBuffer.wrap(Arrays.copyOf(buffer, n)), due));
              more = 0;
            }
          } catch (IOException e) {
            // It is gone: so is the other one, once it has what was sent before.
          }
          underWay.add(END);
        });
    Thread.ofPlatform()
        .daemon(true)
        .name("delay-proxy-out")
        .start(() -> {
          try {
            OutputStream out = to.getOutputStream();
            for (Chunk chunk = underWay.take(); !chunk.isEnd(); chunk = underWay.take()) {
              chunk.awaitDue();
              out.write(chunk.bytes().array());
            }
          } catch (IOException e) {
            // As above.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            end(from);
            end(to);
            sockets.remove(from);
            sockets.remove(to);
          }
        });
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was received at once, and when it arrives, by {@link System#nanoTime}. */
  private record Chunk(ByteBuffer bytes, long due) {
    boolean isEnd() {
      return bytes.capacity() == 0;
    }

    void awaitDue() {
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
  }
}
