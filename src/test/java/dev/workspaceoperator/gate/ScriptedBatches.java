package dev.workspaceoperator.gate;

import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Batches that a test lets end, one after the other, in the ways that it wants. */
final class ScriptedBatches implements Batches {
  /** What every operation is answered. */
  static final Outcome<Integer> ANSWER = Outcome.refused(new Refusal.NotFound());

  private final Queue<End> ends = new ConcurrentLinkedQueue<>();
  private final List<List<UUID>> batches = new CopyOnWriteArrayList<>();
  private final List<RowWaits> waits = new CopyOnWriteArrayList<>();
  private final Set<UUID> locked = ConcurrentHashMap.newKeySet();
  private final Set<UUID> busy = ConcurrentHashMap.newKeySet();
  private final Semaphore begun = new Semaphore(0);
  private final AtomicBoolean spin = new AtomicBoolean(true);
  private volatile CountDownLatch held = new CountDownLatch(0);

  /** How the next batches end; those after them are committed. */
  void then(End... next) {
    ends.addAll(List.of(next));
  }

  /** Lets no batch end. */
  void hold() {
    held = new CountDownLatch(1);
  }

  void release() {
    held.countDown();
  }

  /** Waits for the next batch to begin. */
  void awaitBatch() throws InterruptedException {
    begun.acquire();
  }

  /** The rows that somebody holds for long. */
  Set<UUID> locked() {
    return locked;
  }

  /** The rows that others have in turn: whoever waits for one has it. */
  Set<UUID> busy() {
    return busy;
  }

  /** How each batch so far waited for rows. */
  List<RowWaits> waits() {
    return waits;
  }

  /** The workspaces of the operations of each batch so far. */
  List<List<UUID>> batches() {
    return batches;
  }

  /** What one of them is to do from now on is not done before they are let go. */
  void keepVirtualThreadsBusy() {
    int carriers = Runtime.getRuntime().availableProcessors();
    CountDownLatch spinning = new CountDownLatch(carriers);
    for (int i = 0; i < carriers; i++) {
      Thread.startVirtualThread(() -> {
        spinning.countDown();
        while (spin.get()) {
          Thread.onSpinWait();
        }
      });
    }
    try {
      spinning.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void letVirtualThreadsGo() {
    spin.set(false);
  }

  @Override
  public void connect() {
    // Nothing is needed.
  }

  @Override
  public BatchResult run(List<Ticket<?>> tickets, RowWaits how) {
    batches.add(tickets.stream().map(ticket -> ticket.operation().workspaceId()).toList());
    begun.release();
    try {
      held.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new BatchResult.NotCommitted(e);
    }
    @Nullable End end = ends.poll();
    waits.add(how);
    if (batches.getLast().stream()
        .anyMatch(id -> locked.contains(id) && !how.onlyIfFree().contains(id))) {
      return new BatchResult.NotCommitted(new SQLException("locked", "55P03"));
    }
    for (Ticket<?> ticket : tickets) {
      UUID id = ticket.operation().workspaceId();
      if (!locked.contains(id) && !(busy.contains(id) && how.onlyIfFree().contains(id))) {
        ticket.decide(new NotFound());
      }
    }
    return end == null ? new BatchResult.Committed() : end.of(tickets);
  }

  @Override
  public boolean wasCommitted(BatchMark mark) {
    return false;
  }

  @Override
  public void close() {
    // There is nothing to close.
  }

  /** How a batch ends once its operations are decided. */
  @FunctionalInterface
  interface End {
    BatchResult of(List<Ticket<?>> tickets);
  }

  private static final class NotFound implements Ticket.Decider {
    @Override
    public <R> Outcome<R> decide(Operation<R> operation) {
      return Outcome.refused(new Refusal.NotFound());
    }
  }
}
