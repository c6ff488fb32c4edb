package dev.workspaceoperator.gate;

import dev.workspaceoperator.workspace.port.OverloadedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The workspaces whose rows were not to be had, as where somebody holds one by hand: a batch takes
 * such a row only if it is free at once, so that its neighbours do not wait for it. The batch after
 * waits a moment for one of them: a row that is merely busy is had so. One that is not even then
 * counts as locked, and is waited for a moment once in a while. For one thread.
 */
final class LockedRows {
  /** How often a batch waits for one that counts as locked. */
  private static final Duration WAIT_EVERY = Duration.ofSeconds(1);

  /** What nobody has asked about for so long is waited for as any other. */
  private static final Duration FORGET_AFTER = Duration.ofSeconds(10);

  /** Whose turn it is to be waited for comes first. */
  private final Map<UUID, Missed> missed = new LinkedHashMap<>();

  private long nextWait;

  /** Whether it counts as locked. */
  boolean contains(UUID workspaceId) {
    return Optional.ofNullable(missed.get(workspaceId)).filter(Missed::isLocked).isPresent();
  }

  /** How a batch of these workspaces comes by their rows at first. */
  RowWaits first(Set<UUID> workspaceIds, long nanoTime) {
    missed.values().removeIf(row -> nanoTime - row.triedAt() > FORGET_AFTER.toNanos());
    Set<UUID> ifFree = missedOf(workspaceIds);
    Optional<UUID> turn = turn(ifFree, nanoTime);
    if (turn.isEmpty()) {
      return new RowWaits(ifFree, RowWaits.LONG);
    }
    ifFree.remove(turn.get());
    // At the end, as locked: if it is had after all, it is forgotten.
    missed.remove(turn.get());
    missed.put(turn.get(), new Missed(nanoTime, true));
    return new RowWaits(ifFree, RowWaits.SHORT);
  }

  /** And then, once a row it waited for was not to be had; empty if it waited for none. */
  Optional<RowWaits> afterMiss(RowWaits waits, Set<UUID> workspaceIds) {
    if (waits.onlyIfFree().containsAll(workspaceIds)) {
      return Optional.empty();
    }
    // What was waited for a moment only need not be the one that was known.
    return Optional.of(
        waits.patience().equals(RowWaits.SHORT)
            ? new RowWaits(missedOf(workspaceIds), RowWaits.LONG)
            : new RowWaits(workspaceIds, RowWaits.LONG));
  }

  /** Notes whose rows a batch had; those that wait on, by workspace. */
  Map<UUID, List<Ticket<?>>> left(List<Ticket<?>> batch, long nanoTime) {
    Map<UUID, List<Ticket<?>>> left = new LinkedHashMap<>();
    for (Ticket<?> ticket : batch) {
      UUID workspaceId = ticket.operation().workspaceId();
      if (ticket.isDecided()) {
        missed.remove(workspaceId);
        continue;
      }
      add(workspaceId, nanoTime);
      if (ticket.operation() instanceof Operation.Expire) {
        // The reaper comes again by itself.
        ticket.withdraw(new OverloadedException("the workspace's row is locked"));
      } else if (ticket.isQueued()) {
        left.computeIfAbsent(workspaceId, _ -> new ArrayList<>()).add(ticket);
      }
    }
    return left;
  }

  private void add(UUID workspaceId, long nanoTime) {
    if (missed.isEmpty()) {
      nextWait = nanoTime + WAIT_EVERY.toNanos();
    }
    missed.put(workspaceId, new Missed(nanoTime, contains(workspaceId)));
  }

  private Set<UUID> missedOf(Set<UUID> workspaceIds) {
    Set<UUID> both = new HashSet<>(workspaceIds);
    both.retainAll(missed.keySet());
    return both;
  }

  /** The one to be waited for: each once at first, then each in turn. */
  private Optional<UUID> turn(Set<UUID> ofThese, long nanoTime) {
    if (ofThese.isEmpty()) {
      return Optional.empty();
    }
    Optional<UUID> fresh =
        missed.keySet().stream().filter(id -> ofThese.contains(id) && !contains(id)).findFirst();
    if (fresh.isPresent() || nanoTime - nextWait < 0) {
      return fresh;
    }
    nextWait = nanoTime + WAIT_EVERY.toNanos();
    return missed.keySet().stream().filter(ofThese::contains).findFirst();
  }

  /**
   * A row that was not to be had.
   *
   * @param triedAt when it was tried last
   * @param isLocked whether it was not though it was waited for on its own account
   */
  private record Missed(long triedAt, boolean isLocked) {}
}
