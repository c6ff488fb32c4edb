package dev.workspaceoperator.http;

import dev.workspaceoperator.http.connections.ConnectionSettings;
import dev.workspaceoperator.http.connections.TrustedProxies;
import dev.workspaceoperator.http.console.ConsoleSettings;
import dev.workspaceoperator.http.events.EventSettings;
import dev.workspaceoperator.http.server.RequestSlots;
import dev.workspaceoperator.http.server.StoreWork;
import java.time.Duration;
import java.util.Optional;

/**
 * How the REST API is served.
 *
 * @param host name or address of an interface; {@code 0.0.0.0} for all of them
 * @param port 0 for any that is free
 * @param requestsMax most requests under way at the same time, as {@link RequestSlots} shares them
 *     out; more are 503 {@code OVERLOADED}, or 429 {@code TOO_MANY_REQUESTS} to whoever has his
 *     share
 * @param storeWork how requests with statements of their own take turns
 * @param connections how many there may be, and how slow
 * @param drainTimeout how long requests that are under way may take to end when the server stops
 * @param trustedProxies whose {@code X-Forwarded-For} is believed
 * @param events how changes are streamed
 * @param console the page for people; empty: it is not served
 */
public record HttpSettings(
    String host,
    int port,
    int requestsMax,
    StoreWork storeWork,
    ConnectionSettings connections,
    Duration drainTimeout,
    TrustedProxies trustedProxies,
    EventSettings events,
    Optional<ConsoleSettings> console) {

  /** As many as the pool has by default. */
  private static final int DATABASE_CONNECTIONS = 10;

  /** Settings with the defaults. */
  public static HttpSettings on(String host, int port) {
    return new HttpSettings(
        host,
        port,
        2_048,
        StoreWork.on(DATABASE_CONNECTIONS, Duration.ofSeconds(1)),
        ConnectionSettings.STANDARD,
        Duration.ofSeconds(20),
        TrustedProxies.NONE,
        EventSettings.STANDARD,
        Optional.of(ConsoleSettings.STANDARD));
  }

  /** The same with another bound of requests under way. */
  public HttpSettings withRequestsMax(int requests) {
    return new HttpSettings(
        host,
        port,
        requests,
        storeWork,
        connections,
        drainTimeout,
        trustedProxies,
        events,
        console);
  }

  /** The same with other turns at the store. */
  public HttpSettings withStoreWork(StoreWork turns) {
    return new HttpSettings(
        host, port, requestsMax, turns, connections, drainTimeout, trustedProxies, events, console);
  }

  /** The same behind these proxies. */
  public HttpSettings withTrustedProxies(TrustedProxies proxies) {
    return new HttpSettings(
        host, port, requestsMax, storeWork, connections, drainTimeout, proxies, events, console);
  }

  /** The same with other settings of streams. */
  public HttpSettings withEvents(EventSettings streams) {
    return new HttpSettings(
        host,
        port,
        requestsMax,
        storeWork,
        connections,
        drainTimeout,
        trustedProxies,
        streams,
        console);
  }

  /** The same with other bounds of connections. */
  public HttpSettings withConnections(ConnectionSettings other) {
    return new HttpSettings(
        host, port, requestsMax, storeWork, other, drainTimeout, trustedProxies, events, console);
  }

  /** The same with other bounds of a client's slowness. */
  public HttpSettings withTimeouts(Duration request, Duration write) {
    return withConnections(connections.withTimeouts(request, write));
  }

  /** The same with another bound of silence between two requests. */
  public HttpSettings withIdleTimeout(Duration idle) {
    return withConnections(connections.withIdleTimeout(idle));
  }

  /** The same with this page for people, or without any. */
  public HttpSettings withConsole(Optional<ConsoleSettings> page) {
    return new HttpSettings(
        host,
        port,
        requestsMax,
        storeWork,
        connections,
        drainTimeout,
        trustedProxies,
        events,
        page);
  }
}
