package dev.workspaceoperator.http.connections;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that knows until when its client must have sent or accepted something, and whether
 * it may be closed to make room for another. The library has a deadline for neither, so that a
 * client that sends a byte now and then would hold a connection for ever.
 */
public final class WatchedConnection implements ConnectionContext, Evictable {
  private static final long NEVER = Long.MAX_VALUE;

  /** Who takes nothing of his answer for so long may have to make room for others. */
  private static final Duration STUCK = Duration.ofSeconds(1);

  /**
   * How long a stranger who was refused may be silent in the middle of a body that nobody wants.
   * His connection is open for nothing but that he gets his answer, and young memory has no room
   * for many of them.
   */
  private static final Duration LINGER = Duration.ofMillis(250);

  /** So many in a row are a mistake; more are an attack, or a loop that nobody ends. */
  private static final int FAILURES_FREE = 3;

  private static final ScopedValue<WatchedConnection> CURRENT = ScopedValue.newInstance();
  private static final Logger log = LoggerFactory.getLogger(WatchedConnection.class);

  private final ConnectionContext connection;
  private final ConnectionSettings settings;
  private final OpenConnections open;
  private final AtomicReference<State> state = new AtomicReference<>(State.BUSY);
  private final RequestReader reader;
  private final DataWriter writer;

  /** When the request began that is being read or answered; used by the connection's thread. */
  private long requestSince = System.nanoTime();

  private boolean inRequest = true;
  private boolean bodiless;

  /** Whether the request is that of somebody who has signed in; used by its own thread. */
  private boolean ofStranger = true;

  /** How many requests in a row had no good credential; used by its own thread. */
  private int failures;

  /** Whether what still comes is read away; used by its own thread. */
  private boolean lingers;

  /** Who signed in on it first; null while nobody has. */
  private volatile @Nullable Object tenant;

  private volatile long heardAt = System.nanoTime();
  private volatile long writingSince = NEVER;
  private volatile long readUntil = NEVER;
  private volatile long writeUntil = NEVER;

  /** Guarded by the line that it stands in. */
  private long inLineSince;

  WatchedConnection(
      ConnectionContext connection, ConnectionSettings settings, OpenConnections open) {
    this.connection = connection;
    this.settings = settings;
    this.open = open;
    this.reader = new RequestReader(this::pull);
    this.writer = new WatchedWriter(connection.dataWriter());
  }

  /** What the connection's thread does. */
  private enum State {
    /** It works, or waits for nobody whom it could keep waiting. */
    BUSY,
    /** It waits for a next request. */
    IDLE,
    /** It waits for the rest of one. */
    READING,
    /** It waits for its client to take an answer. */
    WRITING,
    /** Its socket is closed, or is about to be. */
    CLOSED
  }

  /** The connection whose thread asks. */
  public static WatchedConnection current() {
    return CURRENT.get();
  }

  /** Is {@link #current} while this runs. */
  <X extends Throwable> void within(ScopedValue.CallableOp<?, X> work) throws X {
    ScopedValue.where(CURRENT, this).call(work);
  }

  /** Whoever sent the request has signed in, and has the time of those who have. */
  public void signedIn(Object whose) {
    ofStranger = false;
    failures = 0;
    if (tenant == null) {
      tenant = whose;
      open.signedIn(this, whose);
    }
  }

  @Override
  public String host() {
    return connection.remotePeer().host();
  }

  @Override
  public @Nullable Object tenant() {
    return tenant;
  }

  /** A credential was no good; true from the time on from which whoever tries on is to wait. */
  public boolean failsAgain() {
    failures++;
    return failures > FAILURES_FREE;
  }

  /** Whoever sent the request has not signed in, whoever else may have before. */
  public void refused() {
    ofStranger = true;
  }

  /** What still comes of a stranger's body is read away, as long as it comes. */
  public void linger() {
    lingers = true;
  }

  @Override
  public void inLineSince(long nanos) {
    inLineSince = nanos;
  }

  @Override
  public boolean wasHeardInLine() {
    return heardAt - inLineSince > 0;
  }

  @Override
  public boolean tryLeave(boolean urgent) {
    boolean ofNobody = urgent || tenant == null;
    State present = Objects.requireNonNull(state.get());
    boolean may =
        switch (present) {
          case IDLE -> true;
          case READING -> ofNobody;
          case WRITING -> ofNobody && System.nanoTime() - writingSince > STUCK.toNanos();
          case BUSY, CLOSED -> false;
        };
    return may && state.compareAndSet(present, State.CLOSED);
  }

  /** A request has begun to come. */
  void requestStarted() {
    if (!inRequest) {
      inRequest = true;
      lingers = false;
      ofStranger = tenant == null;
      requestSince = System.nanoTime();
    }
  }

  /** The answer begins: what comes next is another request. */
  void requestAnswered(Status status) {
    inRequest = false;
    bodiless = status.code() == 204 || status.code() == 304;
    reader.expectRequest();
  }

  /**
   * Takes away what the library adds and RFC 9110 §8.6 forbids: a length where there can be no
   * content.
   */
  void answerHeaders(Headers headers) {
    if (bodiless && headers instanceof WritableHeaders<?> writable) {
      writable.remove(HeaderNames.CONTENT_LENGTH);
    }
  }

  /** Closes the connection if its client is too late; returns whether it did. */
  boolean closeIfLate(long nowNanos) {
    boolean late = isOver(readUntil, nowNanos) || isOver(writeUntil, nowNanos);
    if (late) {
      closeSocket();
    }
    return late;
  }

  /** Closes the connection if it waits for a next request. */
  void closeIfIdle() {
    if (state.compareAndSet(State.IDLE, State.CLOSED)) {
      closeSocket();
    }
  }

  @Override
  public void closeSocket() {
    try {
      connection.serverSocket().close();
    } catch (RuntimeException e) {
      log.debug("a socket was not closed in good order", e);
    }
  }

  private static boolean isOver(long until, long nowNanos) {
    return until != NEVER && nowNanos - until > 0;
  }

  private byte[] pull() {
    // What is left of a body that was answered already belongs to its request, and to its time.
    boolean between = !inRequest && reader.awaitsRequest();
    readUntil =
        between
            ? System.nanoTime() + settings.idleTimeout().toNanos()
            : partUntil(System.nanoTime());
    State waiting = between ? State.IDLE : State.READING;
    change(State.BUSY, waiting);
    try {
      byte[] bytes = connection.serverSocket().get();
      change(waiting, State.BUSY);
      if (bytes == null) {
        // The library would tell the end within a request as a failure of its own, with its stack.
        throw new ServerConnectionException("the client is gone", new EOFException());
      }
      heardAt = System.nanoTime();
      if (between) {
        requestStarted();
      }
      return bytes;
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("the client is gone, or was too late", e);
    } finally {
      readUntil = NEVER;
    }
  }

  private long partUntil(long now) {
    long until = requestSince + requestTimeout().toNanos();
    return lingers ? Math.min(until, now + LINGER.toNanos()) : until;
  }

  private Duration requestTimeout() {
    return ofStranger ? settings.strangerTimeout() : settings.requestTimeout();
  }

  private void change(State from, State to) {
    if (!state.compareAndSet(from, to)) {
      throw new ServerConnectionException(
          "the connection was closed", new IOException("it has made room for another"));
    }
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public DataWriter dataWriter() {
    return writer;
  }

  @Override
  public ListenerContext listenerContext() {
    return connection.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return connection.executor();
  }

  @Override
  public Router router() {
    return connection.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return connection.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return connection.serverSocket();
  }

  @Override
  public PeerInfo remotePeer() {
    return connection.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return connection.localPeer();
  }

  @Override
  public boolean isSecure() {
    return connection.isSecure();
  }

  @Override
  public String socketId() {
    return connection.socketId();
  }

  @Override
  public String childSocketId() {
    return connection.childSocketId();
  }

  /** Bounds how long the client may take to accept what is written. */
  private final class WatchedWriter implements DataWriter {
    private final DataWriter target;

    WatchedWriter(DataWriter target) {
      this.target = target;
    }

    @Override
    public void write(BufferData... buffers) {
      watched(() -> target.write(buffers));
    }

    @Override
    public void write(BufferData buffer) {
      watched(() -> target.write(buffer));
    }

    @Override
    public void writeNow(BufferData... buffers) {
      watched(() -> target.writeNow(buffers));
    }

    @Override
    public void writeNow(BufferData buffer) {
      watched(() -> target.writeNow(buffer));
    }

    @Override
    public void flush() {
      watched(target::flush);
    }

    @Override
    public void close() {
      target.close();
    }

    private void watched(Runnable write) {
      long now = System.nanoTime();
      writingSince = now;
      writeUntil =
          ofStranger
              ? requestSince + settings.strangerTimeout().toNanos()
              : now + settings.writeTimeout().toNanos();
      change(State.BUSY, State.WRITING);
      try {
        write.run();
        change(State.WRITING, State.BUSY);
      } finally {
        writeUntil = NEVER;
      }
    }
  }
}
