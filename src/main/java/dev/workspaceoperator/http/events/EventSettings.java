package dev.workspaceoperator.http.events;

import java.time.Duration;

/**
 * How changes are streamed.
 *
 * @param streamsMax most streams that are open at the same time; more are 503 {@code OVERLOADED}
 * @param heartbeat how often a comment is sent, so that nobody on the way takes a silent connection
 *     for a dead one
 * @param credentialCheck how often the credential of an open stream is judged again, though nothing
 *     was heard that bears on it
 * @param comparison how often the store is asked what streams should have told, so that a lost
 *     notification costs time, never correctness (design.md §8)
 */
public record EventSettings(
    int streamsMax, Duration heartbeat, Duration credentialCheck, Duration comparison) {
  /** The defaults. */
  public static final EventSettings STANDARD =
      new EventSettings(
          2_000, Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(30));

  /** The same with another bound of open streams. */
  public EventSettings withStreamsMax(int streams) {
    return new EventSettings(streams, heartbeat, credentialCheck, comparison);
  }
}
