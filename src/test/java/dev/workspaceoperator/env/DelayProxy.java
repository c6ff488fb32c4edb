package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP server on 127.0.0.1 that is as far from another one as it is told: what goes through it
 * arrives half a round trip later, each way, in order and as much of it as there is. It stands for
 * {@code tc qdisc add … netem delay}, which needs root and a module of the kernel.
 */
public final class DelayProxy extends Forwarder {
  private static final int CHUNK_BYTES = 64 * 1024;

  /** The end of what is carried. */
  private static final Chunk END = new Chunk(ByteBuffer.allocate(0), 0);

  private final InetSocketAddress target;
  private final LongAdder roundTrips = new LongAdder();
  private volatile long oneWayNanos;

  private DelayProxy(int target) {
    this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), target);
  }

  /**
   * Starts one on a free port.
   *
   * @param target a port of 127.0.0.1
   */
  public static DelayProxy start(int target, Duration roundTrip) {
    DelayProxy proxy = new DelayProxy(target);
    proxy.setRoundTrip(roundTrip);
    proxy.start();
    return proxy;
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
  protected InetSocketAddress target() {
    return target;
  }

  @Override
  protected Way way() {
    return new SlowWay();
  }

  private final class SlowWay implements Way {
    private final AtomicBoolean asked = new AtomicBoolean();

    @Override
    public void toServer(InputStream in, OutputStream out) throws IOException {
      // TCP's own handshake takes a round trip before the first byte.
      carry(
          in,
          out,
          2 * oneWayNanos,
          () -> {
            if (!asked.getAndSet(true)) {
              roundTrips.increment();
            }
          });
    }

    @Override
    public void toClient(InputStream in, OutputStream out) throws IOException {
      carry(in, out, 0, () -> asked.set(false));
    }

    private void carry(InputStream in, OutputStream out, long firstNanos, Runnable onChunk)
        throws IOException {
      BlockingQueue<Chunk> underWay = new LinkedBlockingQueue<>();
      Forwarder.thread("delay", () -> take(in, underWay, firstNanos, onChunk));
      try {
        for (Chunk chunk = underWay.take(); !chunk.isEnd(); chunk = underWay.take()) {
          chunk.awaitDue();
          out.write(chunk.bytes().array());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void take(
        InputStream in, BlockingQueue<Chunk> underWay, long firstNanos, Runnable onChunk) {
      byte[] buffer = new byte[CHUNK_BYTES];
      long more = firstNanos;
      try {
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
