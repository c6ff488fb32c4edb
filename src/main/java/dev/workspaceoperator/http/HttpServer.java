package dev.workspaceoperator.http;

import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.http.connections.BodyCodings;
import dev.workspaceoperator.http.connections.ConnectionWatch;
import dev.workspaceoperator.http.console.ConsoleResource;
import dev.workspaceoperator.http.events.ChangeHub;
import dev.workspaceoperator.http.server.AccessLog;
import dev.workspaceoperator.http.server.HttpApi;
import dev.workspaceoperator.http.server.InFlight;
import dev.workspaceoperator.http.server.LibraryErrors;
import dev.workspaceoperator.http.server.RequestLog;
import dev.workspaceoperator.http.server.RequestSlots;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.ServerStart;
import dev.workspaceoperator.http.server.StoreTurns;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.trace.Tracer;
import io.helidon.webserver.WebServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The REST API and the console on their port. Each connection has a virtual thread. */
public final class HttpServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);

  private static final int SEND_BUFFER_BYTES = 64 * 1024;

  /** Connections that are being closed, or have just come. */
  private static final int LEAVING_MAX = 1_024;

  private final WebServer server;
  private final ConnectionWatch connections;
  private final InFlight inFlight;
  private final ChangeHub events;
  private final HttpSettings settings;

  private HttpServer(
      WebServer server,
      ConnectionWatch connections,
      InFlight inFlight,
      ChangeHub events,
      HttpSettings settings) {
    this.server = server;
    this.connections = connections;
    this.inFlight = inFlight;
    this.events = events;
    this.settings = settings;
  }

  /**
   * Starts it.
   *
   * @throws IllegalStateException if the port is taken
   */
  public static HttpServer start(
      HttpSettings settings,
      Authenticator authenticator,
      ApiPorts ports,
      AccessLog accessLog,
      Tracer tracer,
      MeterRegistry registry) {
    InFlight inFlight = new InFlight();
    HttpApi api =
        new HttpApi(
            routes(ports, settings),
            authenticator,
            settings.trustedProxies(),
            inFlight,
            new RequestSlots(settings.requestsMax(), registry),
            StoreTurns.of(settings.storeWork(), registry),
            new RequestLog(accessLog, registry),
            tracer);
    Metric.HTTP_REQUESTS_UNDER_WAY.gauge(registry, inFlight::underWay);
    ConnectionWatch connections = ConnectionWatch.start(settings.connections(), registry);
    Metric.HTTP_CONNECTIONS.gauge(registry, connections::open);
    WebServer server =
        WebServer.builder()
            .host(settings.host())
            .port(settings.port())
            .shutdownHook(false)
            // Half of the buffers: a connection costs 16 KiB instead of 23 while it is silent, and
            // what is there for a moment dies young.
            .useNio(false)
            // An event must not wait until the one before is acknowledged; and what a client does
            // not read must not pile up in the kernel either.
            .connectionOptions(
                options -> options.tcpNoDelay(true).socketSendBufferSize(SEND_BUFFER_BYTES))
            // The library's own watch of silence would be shorter than what we promise.
            .idleConnectionTimeout(settings.connections().idleTimeout().multipliedBy(2))
            // Above our own bound, so that whoever comes when all are taken can make one leave.
            .maxTcpConnections(settings.connections().max() + LEAVING_MAX)
            .protocolsDiscoverServices(false)
            .contentEncoding(new BodyCodings())
            .addConnectionSelector(connections)
            .directHandlers(LibraryErrors.handlers())
            .routing(routing -> routing.any(api))
            .build();
    try {
      ServerStart.orThrow(
          server,
          "The API cannot listen on %s:%d: is another process using the port? Choose another with --address."
              .formatted(settings.host(), settings.port()));
    } catch (IllegalStateException e) {
      connections.close();
      throw e;
    }
    return new HttpServer(server, connections, inFlight, ports.events(), settings);
  }

  private static List<Route> routes(ApiPorts ports, HttpSettings settings) {
    return Stream.concat(
            ports.routes().stream(),
            settings.console().stream()
                .flatMap(page -> new ConsoleResource(page).routes().stream()))
        .toList();
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** Ends the streams, lets the requests under way end, for a bounded time, and stops. */
  @Override
  public void close() {
    inFlight.startDraining();
    connections.closeIdle();
    events.endStreams();
    if (!inFlight.drain(settings.drainTimeout())) {
      log.atWarn()
          .addKeyValue("requests", inFlight.underWay())
          .log("Requests are cut off, because they did not end in time");
    }
    server.stop();
    connections.close();
  }
}
