package dev.workspaceoperator.app;

import dev.workspaceoperator.http.ServerStart;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.BooleanSupplier;

/**
 * The management port (design.md §9): {@code /livez}, {@code /readyz}, {@code /metrics}. Meant for
 * the kubelet and for Prometheus, not for users.
 */
final class ManagementServer implements AutoCloseable {
  private final WebServer server;

  private ManagementServer(WebServer server) {
    this.server = server;
  }

  /**
   * Starts it.
   *
   * @param ready whether the process wants traffic
   * @throws IllegalStateException if the port is taken
   */
  static ManagementServer start(
      ListenAddress address, BooleanSupplier ready, PrometheusMeterRegistry metrics) {
    WebServer server =
        WebServer.builder()
            .host(address.host())
            .port(address.port())
            .shutdownHook(false)
            .routing(routing ->
                routing
                    .get("/livez", (request, response) -> answer(response, true))
                    .get("/readyz", (request, response) -> answer(response, ready.getAsBoolean()))
                    .get(
                        "/metrics",
                        (request, response) ->
                            response
                                .header(
                                    HeaderNames.CONTENT_TYPE,
                                    "text/plain; version=0.0.4; charset=utf-8")
                                .send(metrics.scrape())))
            .build();
    ServerStart.orThrow(
        server,
        "The management server cannot listen on %s: is another process using the port? Choose another with --management-address."
            .formatted(address));
    return new ManagementServer(server);
  }

  int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.stop();
  }

  private static void answer(ServerResponse response, boolean good) {
    response.status(good ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503);
    response.send(good ? "ok\n" : "not ready\n");
  }
}
