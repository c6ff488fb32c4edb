package dev.workspaceoperator.attacks;

import java.util.List;

/**
 * What one gang of attackers does, as the process of the attackers reads it.
 *
 * @param name in the counts of answers
 * @param requests as they go over the wire, with {@link Blank}s; each connection sends one after
 *     the other
 * @param perConnection answers after which a connection is made anew; 0: never
 * @param sources how many addresses of this machine they come from, 1..60,000
 */
record Order(
    String name,
    Manner manner,
    int connections,
    List<String> requests,
    int perConnection,
    int sources) {
  /** How a connection behaves. */
  enum Manner {
    /** Each request follows the answer to the one before. */
    ASKS,
    /** Sends what it has, which is no whole request, and then nothing. */
    FALLS_SILENT,
    /** Sends one request, and reads no more than how the answer begins. */
    DOES_NOT_READ
  }

  /** A closed loop. */
  static Order asks(String name, int connections, List<String> requests) {
    return new Order(name, Manner.ASKS, connections, requests, 0, 1);
  }

  /** Connections that stay open, and say no more than this. */
  static Order silent(String name, int connections, List<String> beginnings) {
    return new Order(name, Manner.FALLS_SILENT, connections, beginnings, 0, 1);
  }

  /** The same on another number of connections. */
  Order withConnections(int count) {
    return new Order(name, manner, count, requests, perConnection, sources);
  }

  /** Whether a request needs the answer before it. */
  boolean isChained() {
    return requests.stream().anyMatch(request -> request.contains(Blank.LAST_ID.text()));
  }
}
