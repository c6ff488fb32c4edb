package dev.workspaceoperator.http;

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
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that knows until when its client must have sent or accepted something. The library
 * has a deadline for neither, so that a client that sends a byte now and then would hold a
 * connection for ever.
 */
final class WatchedConnection implements ConnectionContext {
  private static final long NEVER = Long.MAX_VALUE;
  private static final Logger log = LoggerFactory.getLogger(WatchedConnection.class);

  private final ConnectionContext connection;
  private final HttpSettings settings;
  private final RequestReader reader;
  private final DataWriter writer;

  /** When the request began that is being read or answered; used by the connection's thread. */
  private long requestSince = System.nanoTime();

  private boolean inRequest = true;
  private boolean bodiless;
  private volatile boolean idle;
  private volatile long readUntil = NEVER;
  private volatile long writeUntil = NEVER;

  WatchedConnection(ConnectionContext connection, HttpSettings settings) {
    this.connection = connection;
    this.settings = settings;
    this.reader = new RequestReader(this::pull);
    this.writer = new WatchedWriter(connection.dataWriter());
  }

  /** A request has begun to come. */
  void requestStarted() {
    if (!inRequest) {
      inRequest = true;
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
    if (idle) {
      closeSocket();
    }
  }

  private void closeSocket() {
    try {
      connection.serverSocket().close();
    } catch (RuntimeException e) {
      // It is the connection's thread that notices and ends.
      log.debug("a socket was not closed in good order", e);
    }
  }

  private static boolean isOver(long until, long nowNanos) {
    return until != NEVER && nowNanos - until > 0;
  }

  private byte[] pull() {
    // What is left of a body that was answered already belongs to its request, and to its time.
    boolean between = !inRequest && reader.awaitsRequest();
    idle = between;
    readUntil =
        between
            ? System.nanoTime() + settings.idleTimeout().toNanos()
            : requestSince + settings.requestTimeout().toNanos();
    try {
      byte[] bytes = connection.serverSocket().get();
      if (between) {
        requestStarted();
      }
      return bytes;
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("the client is gone, or was too late", e);
    } finally {
      idle = false;
      readUntil = NEVER;
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
      writeUntil = System.nanoTime() + settings.writeTimeout().toNanos();
      try {
        write.run();
      } finally {
        writeUntil = NEVER;
      }
    }
  }
}
