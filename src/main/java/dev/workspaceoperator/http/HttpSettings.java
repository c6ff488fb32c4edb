package dev.workspaceoperator.http;

import java.time.Duration;

/**
 * How the REST API is served.
 *
 * @param host name or address of an interface; {@code 0.0.0.0} for all of them
 * @param port 0 for any that is free
 * @param requestsMax most requests under way at the same time; more are 503 {@code OVERLOADED}
 * @param connectionsMax most open connections
 * @param requestTimeout how long a request may take to arrive, from its first byte to its last
 * @param writeTimeout how long a client may take to accept a piece of an answer
 * @param idleTimeout how long a connection may be silent between two requests; longer than a
 *     balancer keeps one, so that it never sends a request into a connection that is being closed
 * @param drainTimeout how long requests that are under way may take to end when the server stops
 * @param trustedProxies whose {@code X-Forwarded-For} is believed
 * @param events how changes are streamed
 */
public record HttpSettings(
    String host,
    int port,
    int requestsMax,
    int connectionsMax,
    Duration requestTimeout,
    Duration writeTimeout,
    Duration idleTimeout,
    Duration drainTimeout,
    TrustedProxies trustedProxies,
    EventSettings events) {

  /** Longer than any balancer that we know: Google keeps a connection for 600 s, and AWS for 60. */
  private static final int IDLE_SECONDS = 620;

  /** Settings with the defaults. */
  public static HttpSettings on(String host, int port) {
    return new HttpSettings(
        host,
        port,
        4_096,
        20_000,
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(IDLE_SECONDS),
        Duration.ofSeconds(20),
        TrustedProxies.NONE,
        EventSettings.STANDARD);
  }

  /** The same with another bound of requests under way. */
  public HttpSettings withRequestsMax(int requests) {
    return new HttpSettings(
        host,
        port,
        requests,
        connectionsMax,
        requestTimeout,
        writeTimeout,
        idleTimeout,
        drainTimeout,
        trustedProxies,
        events);
  }

  /** The same behind these proxies. */
  public HttpSettings withTrustedProxies(TrustedProxies proxies) {
    return new HttpSettings(
        host,
        port,
        requestsMax,
        connectionsMax,
        requestTimeout,
        writeTimeout,
        idleTimeout,
        drainTimeout,
        proxies,
        events);
  }

  /** The same with other settings of streams. */
  public HttpSettings withEvents(EventSettings streams) {
    return new HttpSettings(
        host,
        port,
        requestsMax,
        connectionsMax,
        requestTimeout,
        writeTimeout,
        idleTimeout,
        drainTimeout,
        trustedProxies,
        streams);
  }

  /** The same with other bounds of a client's slowness. */
  public HttpSettings withTimeouts(Duration request, Duration write) {
    return new HttpSettings(
        host,
        port,
        requestsMax,
        connectionsMax,
        request,
        write,
        idleTimeout,
        drainTimeout,
        trustedProxies,
        events);
  }

  /** The same with another bound of silence between two requests. */
  public HttpSettings withIdleTimeout(Duration idle) {
    return new HttpSettings(
        host,
        port,
        requestsMax,
        connectionsMax,
        requestTimeout,
        writeTimeout,
        idle,
        drainTimeout,
        trustedProxies,
        events);
  }
}
