package dev.workspaceoperator.http.connections;

import dev.workspaceoperator.loop.Loop;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Status;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1Connection;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Makes every connection a watched one, and closes those whose clients are too late. */
public final class ConnectionWatch implements ServerConnectionSelector, AutoCloseable {
  public static final int HEADERS_BYTES_MAX = 16 * 1024;
  private static final int REQUEST_LINE_BYTES_MAX = 8 * 1024;
  private static final Duration LOOK = Duration.ofMillis(100);

  private final ConnectionSettings settings;
  private final OpenConnections room;
  private final Http1ConnectionSelector http1;
  private final Set<WatchedConnection> open = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  private ConnectionWatch(ConnectionSettings settings, MeterRegistry registry) {
    this.settings = settings;
    this.room = new OpenConnections(settings, registry);
    Http1Config config =
        Http1Config.builder()
            .maxHeadersSize(HEADERS_BYTES_MAX)
            .maxPrologueLength(REQUEST_LINE_BYTES_MAX)
            .addReceiveListener(new Received())
            .addSendListener(new Sent())
            .build();
    this.http1 = Http1ConnectionSelector.builder().config(config).build();
    this.thread =
        Thread.ofPlatform()
            .name("connection-watch")
            .daemon()
            .unstarted(Loop.kept("connection-watch", this::watch));
  }

  public static ConnectionWatch start(ConnectionSettings settings, MeterRegistry registry) {
    ConnectionWatch watch = new ConnectionWatch(settings, registry);
    watch.thread.start();
    return watch;
  }

  /** How many connections are open. */
  public int open() {
    return open.size();
  }

  /** Closes the connections that wait for a next request. */
  public void closeIdle() {
    open.forEach(WatchedConnection::closeIfIdle);
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData request) {
    // The only protocol there is: what is not HTTP/1.1 is told so by it.
    return Support.SUPPORTED;
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    WatchedConnection watched = new WatchedConnection(context, settings, room);
    return new Connection(watched, (Http1Connection) http1.connection(watched));
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(LOOK);
        long now = System.nanoTime();
        open.removeIf(connection -> connection.closeIfLate(now));
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  /** An HTTP/1.1 connection that is watched while it is open. */
  private final class Connection implements ServerConnection, InterruptableTask<Void> {
    private final WatchedConnection watched;
    private final Http1Connection http;

    Connection(WatchedConnection watched, Http1Connection http) {
      this.watched = watched;
      this.http = http;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      if (!room.enter(watched)) {
        return;
      }
      open.add(watched);
      try {
        watched.within(() -> {
          http.handle(limit);
          return true;
        });
      } finally {
        open.remove(watched);
        room.leave(watched);
      }
    }

    @Override
    public Duration idleTime() {
      return http.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      http.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
      return http.canInterrupt();
    }
  }

  private static final class Received implements Http1ConnectionListener {
    @Override
    public void prologue(ConnectionContext context, HttpPrologue prologue) {
      if (context instanceof WatchedConnection watched) {
        watched.requestStarted();
      }
    }
  }

  private static final class Sent implements Http1ConnectionListener {
    @Override
    public void status(ConnectionContext context, Status status) {
      if (context instanceof WatchedConnection watched) {
        watched.requestAnswered(status);
      }
    }

    @Override
    public void headers(ConnectionContext context, Headers headers) {
      if (context instanceof WatchedConnection watched) {
        watched.answerHeaders(headers);
      }
    }
  }
}
