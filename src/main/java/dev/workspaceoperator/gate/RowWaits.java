package dev.workspaceoperator.gate;

import java.time.Duration;
import java.util.Set;
import java.util.UUID;

/**
 * How a batch comes by the rows of its workspaces.
 *
 * @param onlyIfFree those of them that it does not wait for
 * @param patience how long it waits for each of the others
 */
record RowWaits(Set<UUID> onlyIfFree, Duration patience) {
  /**
   * Where nothing is known of a row. Batches of other replicas hold it for some ten milliseconds
   * each; what takes longer must not hold up the other workspaces of the batch.
   */
  static final Duration LONG = Duration.ofMillis(400);

  /** Where one of them was not to be had before: enough for one that is merely busy. */
  static final Duration SHORT = Duration.ofMillis(30);

  RowWaits {
    onlyIfFree = Set.copyOf(onlyIfFree);
  }
}
