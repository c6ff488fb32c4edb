package dev.workspaceoperator.storm;

import dev.workspaceoperator.storm.Wire.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client of all replicas that asks until it is told: it repeats a request whose connection was
 * lost, or that was answered 503, at the same replica or at another. For one thread.
 */
final class Caller implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(90);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  private final String name;
  private final int[] ports;
  private final Tally tally;
  private final SplittableRandom random;
  private @Nullable Wire wire;
  private int replica;
  private long requests;
  private int comebacksSeen;

  Caller(String name, int[] ports, Tally tally) {
    this.name = name;
    this.ports = ports.clone();
    this.tally = tally;
    this.random = new SplittableRandom(name.hashCode());
    this.replica = random.nextInt(ports.length);
  }

  /**
   * Asks until there is an outcome.
   *
   * @throws UnknownOutcomeException if there is none for long
   */
  Answer insist(Ask ask) {
    return insist(ask, false);
  }

  /** The same after a first attempt whose connection is reset. */
  Answer insistAfterAbort(Ask ask) {
    boolean sent = false;
    try {
      byte[] bytes = ask.bytes(nextId());
      boolean whole = random.nextInt(4) > 0;
      wire().abort(bytes, whole ? bytes.length : 1 + random.nextInt(bytes.length - 1));
      sent = whole;
      tally.count("~ aborted by the client");
    } catch (IOException e) {
      sent = true;
      tally.count("~ connection lost");
    }
    disconnect();
    return insist(ask, sent);
  }

  private Answer insist(Ask ask, boolean doubtful) {
    List<String> requestIds = new ArrayList<>(1);
    boolean doubt = doubtful;
    long start = System.nanoTime();
    for (int failures = 0; System.nanoTime() - start < PATIENCE_NANOS; ) {
      String requestId = nextId();
      requestIds.add(requestId);
      boolean connected = false;
      try {
        Wire connection = wire();
        connected = true;
        Reply reply = connection.call(ask.bytes(requestId));
        if (reply.status() != 503) {
          comebacksSeen = tally.comebacks().answered(comebacksSeen, start, replica);
          return new Answer(reply, doubt, requestIds);
        }
        tally.count("~ 503 " + reply.code());
        doubt = true;
        pause();
      } catch (IOException e) {
        disconnect();
        doubt |= connected;
        tally.count(connected ? "~ connection lost" : "~ not connected");
        if (++failures % ports.length == 0) {
          pause();
        }
      }
    }
    throw new UnknownOutcomeException(ask);
  }

  private Wire wire() throws IOException {
    if (wire == null) {
      wire = Wire.connect(ports[replica]);
    }
    return wire;
  }

  /** The next request goes to another replica. */
  private void disconnect() {
    if (wire != null) {
      try {
        wire.close();
      } catch (IOException e) {
        tally.count("~ connection not closed");
      }
      wire = null;
    }
    replica = (replica + 1) % ports.length;
  }

  private String nextId() {
    return name + "-" + ++requests;
  }

  private static void pause() {
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  @Override
  public void close() {
    disconnect();
  }

  /**
   * What was answered in the end.
   *
   * @param doubtful whether an earlier attempt may still have an effect, or have had it
   * @param requestIds of the attempts
   */
  record Answer(Reply reply, boolean doubtful, List<String> requestIds) {}

  /** Nobody said what became of a request. */
  static final class UnknownOutcomeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnknownOutcomeException(Ask ask) {
      super("no outcome of " + ask);
    }
  }
}
