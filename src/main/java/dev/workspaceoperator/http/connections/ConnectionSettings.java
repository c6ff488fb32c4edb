package dev.workspaceoperator.http.connections;

import java.time.Duration;

/**
 * How many connections there may be, and how slow their clients.
 *
 * @param max most open connections; all but {@code strangersMax} of them are for those who have
 *     signed in; when more come, the one that was idle longest makes room
 * @param strangersMax most of them on which nobody has signed in yet, and of none else; when more
 *     come, the one that was silent longest makes room
 * @param strangerTimeout how long a request may take from its first byte to its last, and its
 *     answer, while nobody has signed in
 * @param requestTimeout how long a request may take to arrive, from its first byte to its last
 * @param writeTimeout how long a client may take to accept a piece of an answer
 * @param idleTimeout how long a connection may be silent between two requests; longer than a
 *     balancer keeps one, so that it never sends a request into a connection that is being closed
 */
public record ConnectionSettings(
    int max,
    int strangersMax,
    Duration strangerTimeout,
    Duration requestTimeout,
    Duration writeTimeout,
    Duration idleTimeout) {

  /** Of all, those on which nobody has signed in have one part of so many. */
  private static final int STRANGERS_PARTS = 4;

  /** The defaults. Google keeps a connection for 600 s, AWS for 60: we keep it longer than both. */
  public static final ConnectionSettings STANDARD =
      new ConnectionSettings(
          4_096,
          1_024,
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(620));

  /** One that is open, and one for a stranger, at least. */
  public ConnectionSettings {
    if (strangersMax < 1 || max < strangersMax) {
      throw new IllegalArgumentException(
          "connections of strangers must be from 1 to all %d, not %d".formatted(max, strangersMax));
    }
  }

  /** The same with another bound of their number. */
  public ConnectionSettings withMax(int all) {
    return new ConnectionSettings(
        all,
        Math.max(1, all / STRANGERS_PARTS),
        strangerTimeout,
        requestTimeout,
        writeTimeout,
        idleTimeout);
  }

  /** The same with other bounds of a client's slowness; a stranger has no more than others. */
  public ConnectionSettings withTimeouts(Duration request, Duration write) {
    Duration stranger = request.compareTo(strangerTimeout) < 0 ? request : strangerTimeout;
    return new ConnectionSettings(max, strangersMax, stranger, request, write, idleTimeout);
  }

  /** The same with another bound of silence between two requests. */
  public ConnectionSettings withIdleTimeout(Duration idle) {
    return new ConnectionSettings(
        max, strangersMax, strangerTimeout, requestTimeout, writeTimeout, idle);
  }
}
