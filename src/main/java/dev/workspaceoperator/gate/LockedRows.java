package dev.workspaceoperator.gate;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The workspaces whose rows were locked for long by somebody else, as by hand: a batch takes such a
 * row only if it is free at once, so that its neighbours do not wait for it. Once in a while it
 * waits for one of them all the same: a row that is merely busy is had so. For one thread.
 */
final class LockedRows {
  /** How often a batch waits for one of them. */
  private static final Duration WAIT_EVERY = Duration.ofSeconds(1);

  /** What nobody has asked about for so long is waited for as any other. */
  private static final Duration FORGET_AFTER = Duration.ofSeconds(10);

  /** By when each was tried last; whose turn it is to be waited for comes first. */
  private final Map<UUID, Long> triedAt = new LinkedHashMap<>();

  private long nextWait;

  boolean contains(UUID workspaceId) {
    return triedAt.containsKey(workspaceId);
  }

  /** Those of a batch's workspaces that it takes only if they are free; all others it waits for. */
  Set<UUID> onlyIfFree(Collection<UUID> workspaceIds, long nanoTime) {
    triedAt.values().removeIf(tried -> nanoTime - tried > FORGET_AFTER.toNanos());
    if (triedAt.isEmpty()) {
      return Set.of();
    }
    Set<UUID> ifFree = new HashSet<>(workspaceIds);
    ifFree.retainAll(triedAt.keySet());
    if (nanoTime - nextWait >= 0) {
      Iterator<UUID> turns = triedAt.keySet().iterator();
      while (turns.hasNext()) {
        UUID next = turns.next();
        if (ifFree.remove(next)) {
          turns.remove();
          triedAt.put(next, nanoTime);
          nextWait = nanoTime + WAIT_EVERY.toNanos();
          break;
        }
      }
    }
    return ifFree;
  }

  /** Its row was not to be had. */
  void add(UUID workspaceId, long nanoTime) {
    if (triedAt.isEmpty()) {
      nextWait = nanoTime + WAIT_EVERY.toNanos();
    }
    triedAt.put(workspaceId, nanoTime);
  }

  /** Its row was had. */
  void remove(UUID workspaceId) {
    triedAt.remove(workspaceId);
  }
}
