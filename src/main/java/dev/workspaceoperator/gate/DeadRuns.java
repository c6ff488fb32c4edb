package dev.workspaceoperator.gate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.ObjIntConsumer;

/**
 * The workspaces whose dead runs a batch looks for, and of how many: there is one bound for all of
 * them together, whatever the number of workspaces. Besides it there is one for each run that is to
 * start, so that none waits for a slot that a dead run holds (I7).
 */
final class DeadRuns {
  private final Map<UUID, Integer> starts = new LinkedHashMap<>();
  private final Map<UUID, Integer> expiries = new LinkedHashMap<>();

  /** A run of this workspace is to start. */
  void start(UUID workspaceId) {
    starts.merge(workspaceId, 1, Integer::sum);
  }

  /** The dead runs of this workspace are to be expired. */
  void expire(UUID workspaceId) {
    expiries.merge(workspaceId, 1, Integer::sum);
  }

  boolean isEmpty() {
    return starts.isEmpty() && expiries.isEmpty();
  }

  /**
   * Tells each workspace with its bound. Half of them all is shared by those where runs start, half
   * by the others; what the one half has no use for the other has.
   *
   * @param most of them all together, besides one for each start
   */
  void forEach(int most, ObjIntConsumer<UUID> each) {
    int half = starts.isEmpty() || expiries.isEmpty() ? most : most / 2;
    starts.forEach((workspaceId, count) -> {
      int also = expiries.containsKey(workspaceId) ? half / expiries.size() : 0;
      each.accept(workspaceId, count + half / starts.size() + also);
    });
    expiries.forEach((workspaceId, _) -> {
      if (!starts.containsKey(workspaceId)) {
        each.accept(workspaceId, Math.max(1, half / expiries.size()));
      }
    });
  }
}
