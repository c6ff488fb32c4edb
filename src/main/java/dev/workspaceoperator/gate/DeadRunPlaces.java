package dev.workspaceoperator.gate;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * From where on each workspace's dead runs are looked for. Those that a backlog's first batches
 * have expired leave their entries in the index until it is vacuumed, and each look would pass over
 * all of them. Where a batch has found as many as it may, nothing before the first that it found
 * runs. For one thread.
 */
final class DeadRunPlaces {
  /** Before every lease. */
  static final Instant BEGINNING = Instant.EPOCH;

  private final Map<UUID, Instant> from = new HashMap<>();
  private final Map<UUID, Instant> firsts = new HashMap<>();
  private final Map<UUID, Integer> found = new HashMap<>();

  /** A batch looks anew; what one that failed has found counts no more. */
  void begin() {
    firsts.clear();
    found.clear();
  }

  /** Where to begin. */
  Instant from(UUID workspaceId) {
    return from.getOrDefault(workspaceId, BEGINNING);
  }

  /** Notes one that was found; whatever the order. */
  void found(UUID workspaceId, Instant lease) {
    firsts.merge(workspaceId, lease, (some, other) -> some.isBefore(other) ? some : other);
    found.merge(workspaceId, 1, Integer::sum);
  }

  /** All that there were of this workspace have been found, at most so many. */
  void end(UUID workspaceId, int bound) {
    Instant first = firsts.remove(workspaceId);
    Integer count = found.remove(workspaceId);
    if (first == null || count == null || count < bound) {
      from.remove(workspaceId);
    } else {
      from.put(workspaceId, first);
    }
  }
}
