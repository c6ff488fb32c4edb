package dev.workspaceoperator.gate;

import dev.workspaceoperator.share.ShareBounds;
import dev.workspaceoperator.share.ShareWatch;
import dev.workspaceoperator.share.TurnQueue;
import dev.workspaceoperator.sql.UuidV7;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.ToIntFunction;

/**
 * What waits in a lane, shared out: of its places a workspace has at most half, and a batch takes
 * from the workspaces that wait in turn. The reaper's operations wait in a line of their own, in
 * places that are always theirs, and are a small part of each batch.
 */
final class LaneQueue {
  /** One workspace has at most one of so many parts. */
  private static final int PARTS = 2;

  /** The reaper has one of so many parts of a batch, and places for twice that. */
  private static final int REAPER_PARTS = 16;

  /** Whose line the reaper's operations wait in, whatever workspaces they are of. */
  private static final UUID REAPER = UuidV7.NIL;

  private final ShareBounds bounds;
  private final ShareBounds reaperBounds;
  private final TurnQueue<UUID, Ticket<?>> queue;
  private final ShareWatch watch;

  /**
   * An empty one.
   *
   * @param most that wait
   * @param batchMax most operations of a batch
   */
  LaneQueue(int most, int batchMax, ShareWatch watch) {
    int ofReaper = 2 * ofReaper(batchMax);
    this.bounds = ShareBounds.parts(most, PARTS);
    this.reaperBounds = new ShareBounds(most + ofReaper, ofReaper);
    this.queue = new TurnQueue<>(bounds);
    this.watch = watch;
  }

  /**
   * Puts it at the end of its workspace's line.
   *
   * @throws ShareExceededException if the workspace has its share waiting
   * @throws OverloadedException if all is full
   */
  void add(Ticket<?> ticket) {
    UUID workspaceId = ticket.operation().workspaceId();
    switch (queue.offer(workspaceId, ticket)) {
      case TAKEN -> {}
      case OWN_SHARE_FULL -> {
        watch.ownShareIsFull(workspaceId);
        throw new ShareExceededException(
            "%d operations that wait to be decided are the share of one workspace"
                .formatted(bounds.ofOne()));
      }
      case ALL_FULL -> {
        watch.allIsFull(workspaceId);
        throw new OverloadedException("more is waiting to be decided than the queue can hold");
      }
    }
  }

  /** Puts an operation of the reaper at the end of its line; false if enough of them wait. */
  boolean addOfReaper(Ticket<?> ticket) {
    return queue.offer(REAPER, ticket, reaperBounds) == TurnQueue.Offer.TAKEN;
  }

  /** Puts those of one workspace back that were taken, before its others. */
  void putBack(UUID workspaceId, List<Ticket<?>> tickets) {
    queue.putBack(workspaceId, tickets);
  }

  /** Waits until there is something; false if there is nothing after all that time. */
  boolean await(Duration patience) throws InterruptedException {
    return queue.awaitItem(patience);
  }

  /** Takes what is next in turn, and is not overdue. */
  List<Ticket<?>> take(int most, ToIntFunction<UUID> mostOfOne) {
    long now = System.nanoTime();
    List<Ticket<?>> taken =
        queue.take(
            most, whose -> whose.equals(REAPER) ? ofReaper(most) : mostOfOne.applyAsInt(whose));
    taken.removeIf(ticket -> {
      if (ticket.isOverdue(now)) {
        ticket.withdraw(overdue());
      }
      return !ticket.isQueued();
    });
    return taken;
  }

  /** Fails what has waited too long. */
  void withdrawOverdue(long nanoTime) {
    queue.takeIf(ticket -> ticket.isOverdue(nanoTime)).forEach(it -> it.withdraw(overdue()));
  }

  /** Fails all that waits. */
  void withdrawAll(RuntimeException why) {
    queue.takeIf(_ -> true).forEach(ticket -> ticket.withdraw(why));
  }

  int size() {
    return queue.size();
  }

  private static int ofReaper(int ofAll) {
    return Math.max(1, ofAll / REAPER_PARTS);
  }

  private static OverloadedException overdue() {
    return new OverloadedException("not decided in time: too much is waiting");
  }
}
