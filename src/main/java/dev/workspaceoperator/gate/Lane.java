package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.SqlStates;
import dev.workspaceoperator.sql.TraceComments;
import dev.workspaceoperator.trace.Attribute;
import dev.workspaceoperator.trace.Span;
import dev.workspaceoperator.trace.Tracer;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: while one transaction is in flight, what arrives waits; then all of it is decided
 * in the next one. One thread, one connection, and a bounded queue that serves workspaces in turn.
 */
final class Lane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Lane.class);
  private static final int ATTEMPTS = 4;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  /** A batch that is planned for itself costs PostgreSQL as much as some twenty that are not. */
  private static final Duration COMMENT_EVERY = Duration.ofSeconds(1);

  private static final Duration IDLE = Duration.ofMillis(200);

  /** Until locked rows are looked at again, where nothing else waits. */
  private static final Duration TRY_LOCKED_AGAIN = Duration.ofMillis(20);

  private final GateSettings settings;
  private final Batches batches;
  private final LaneDoor door = new LaneDoor(LaneDoor.LONGEST);
  private final LaneQueue queue;
  private final LockedRows lockedRows = new LockedRows();
  private final GateMetrics metrics;
  private final Thread thread;
  private final TraceComments comments = new TraceComments(COMMENT_EVERY);
  private volatile Tracer tracer = Tracer.NONE;
  private volatile boolean closing;

  /** Fewer once a statement has timed out: what is too much at once is done bit by bit. */
  private int batchMax;

  Lane(String name, Batches batches, GateSettings settings, GateMetrics metrics) {
    this.settings = settings;
    this.batches = batches;
    this.metrics = metrics;
    this.batchMax = settings.batchMax();
    this.queue = new LaneQueue(settings.queueMax(), batchMax, metrics.queue());
    this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::work);
  }

  void start() {
    thread.start();
  }

  /** Tells of its batches from now on. */
  void tracedBy(Tracer batchTracer) {
    tracer = batchTracer;
  }

  /**
   * Puts it at the end of its workspace's line.
   *
   * @throws dev.workspaceoperator.workspace.port.ShareExceededException if the workspace has its
   *     share of the queue waiting
   * @throws OverloadedException if the queue is full, or the lane closes
   */
  void enter(Ticket<?> ticket) {
    requireOpen();
    queue.add(ticket);
    withdrawIfClosing(ticket);
  }

  /** Puts an operation of the reaper at the end of its line; false if enough of them wait. */
  boolean enterReaper(Ticket<?> ticket) {
    requireOpen();
    boolean waits = queue.addOfReaper(ticket);
    withdrawIfClosing(ticket);
    return waits;
  }

  /** How many operations wait. */
  int waiting() {
    return queue.size();
  }

  /** Lets no further batch begin until the result is closed, in turn. */
  LaneDoor.Pause pause() {
    return counted(door.pause());
  }

  /** Lets no further batch begin until the result is closed, before all others. */
  LaneDoor.Pause pauseNow() {
    return counted(door.pauseNow());
  }

  private LaneDoor.Pause counted(LaneDoor.Pause pause) {
    if (!pause.equals(LaneDoor.Pause.NONE)) {
      metrics.paused();
    }
    return pause;
  }

  /** Fails what has waited too long while a batch would not end. */
  void withdrawOverdue(long nanoTime) {
    queue.withdrawOverdue(nanoTime);
  }

  /** Decides what is queued still, and ends. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(settings.outcomeDeadline());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      thread.interrupt();
    }
  }

  private void requireOpen() {
    if (closing) {
      throw closed();
    }
  }

  private void withdrawIfClosing(Ticket<?> ticket) {
    if (closing) {
      ticket.withdraw(closed());
    }
  }

  private void work() {
    try (batches) {
      while (!closing || queue.size() > 0) {
        if (queue.await(IDLE)) {
          door.awaitOpen();
          decide(queue.take(batchMax, whose -> lockedRows.contains(whose) ? 1 : batchMax));
        }
      }
    } catch (InterruptedException e) {
      log.debug("a lane ends", e);
    } finally {
      closing = true;
      queue.withdrawAll(
          new StoreUnavailableException("the gate is closed", new InterruptedException()));
    }
  }

  /** Whatever goes wrong with a batch, its callers hear of it and the lane lives on. */
  private void decide(List<Ticket<?>> batch) throws InterruptedException {
    if (batch.isEmpty()) {
      return;
    }
    try {
      process(batch);
    } catch (InterruptedException e) {
      fail(batch, unavailable("the gate was closed before the outcome was known", e));
      throw e;
    } catch (RuntimeException | Error e) {
      log.error("A batch of {} failed", batch.size(), e);
      // Who knows in what state its transaction is.
      batches.close();
      fail(batch, new IllegalStateException("a decision failed", e));
    }
  }

  /** Sees a batch through to an outcome that every caller can be told, and tells of it. */
  private void process(List<Ticket<?>> batch) throws InterruptedException {
    Span span =
        tracer
            .together(
                "decide batch", batch.stream().flatMap(ticket -> ticket.asker().stream()).toList())
            .with(Attribute.DATABASE, "postgresql")
            .with(Attribute.BATCH_SIZE, batch.size());
    batch.forEach(ticket -> ticket.inBatch(span.context()));
    try {
      see(batch, span);
    } finally {
      span.end();
    }
  }

  private void see(List<Ticket<?>> batch, Span span) throws InterruptedException {
    Set<UUID> all = new HashSet<>();
    batch.forEach(ticket -> all.add(ticket.operation().workspaceId()));
    RowWaits waits = lockedRows.first(all, System.nanoTime());
    for (int attempt = 1; ; attempt++) {
      batch.forEach(Ticket::undo);
      if (!isConnected(batch)) {
        return;
      }
      long startedAt = System.nanoTime();
      span.with(Attribute.ATTEMPTS, attempt);
      switch (run(batch, waits, span)) {
        case BatchResult.Committed(BatchTally tally) -> {
          metrics.committed(batch, tally, startedAt, System.nanoTime() - startedAt);
          batchMax = Math.min(settings.batchMax(), batchMax * 2);
          publish(batch);
          return;
        }
        case BatchResult.NotCommitted(Exception cause) -> {
          Optional<RowWaits> others =
              isLockedOut(cause) ? lockedRows.afterMiss(waits, all) : Optional.empty();
          if (others.isPresent()) {
            waits = others.get();
          } else if (attempt >= ATTEMPTS || !isWorthRepeating(cause)) {
            span.failed(cause.getClass().getSimpleName());
            giveUp(batch, cause);
            return;
          }
          log.debug("a batch came to nothing and is repeated", cause);
        }
        case BatchResult.Unknown(BatchMark mark, BatchTally tally, Exception cause) -> {
          Optional<Boolean> committed = lookUp(mark);
          if (committed.isEmpty()) {
            span.failed(cause.getClass().getSimpleName());
            fail(batch, unavailable("the outcome is not known", cause));
            return;
          }
          if (committed.get()) {
            metrics.counted(tally);
            publish(batch);
            return;
          }
          log.info("a COMMIT was lost, and what it was to commit is decided anew", cause);
        }
      }
    }
  }

  private BatchResult run(List<Ticket<?>> batch, RowWaits waits, Span span) {
    return comments.during(span.context(), () -> batches.run(batch, waits));
  }

  private boolean isConnected(List<Ticket<?>> batch) {
    try {
      batches.connect();
      return true;
    } catch (SQLException e) {
      StoreUnavailableException unavailable = unavailable("the database cannot be reached", e);
      // Before the batch hears of it: whoever asks again then has a new attempt.
      queue.withdrawAll(unavailable);
      fail(batch, unavailable);
      return false;
    }
  }

  /** Empty if it cannot be told in time. */
  private Optional<Boolean> lookUp(BatchMark mark) throws InterruptedException {
    long deadline = System.nanoTime() + settings.outcomeDeadline().toNanos();
    while (System.nanoTime() - deadline < 0) {
      try {
        return Optional.of(batches.wasCommitted(mark));
      } catch (SQLException e) {
        log.debug("the outcome of a lost COMMIT cannot be told yet", e);
        queue.withdrawAll(unavailable("the database cannot be reached", e));
        Thread.sleep(LOOK_AGAIN);
      }
    }
    return Optional.empty();
  }

  private static boolean isWorthRepeating(Exception cause) {
    return cause instanceof SQLException e
        && (SqlStates.isLostRace(e) || SqlStates.isLostConnection(e));
  }

  private static boolean isLockedOut(Exception cause) {
    return cause instanceof SQLException e && SqlStates.isLockedOut(e);
  }

  /** One operation that the database chokes on must not take the others with it. */
  private void giveUp(List<Ticket<?>> batch, Exception cause) throws InterruptedException {
    if (cause instanceof SQLException e && SqlStates.isTimedOut(e)) {
      batchMax = Math.max(1, Math.min(batchMax, batch.size()) / 4);
    }
    boolean passing =
        cause instanceof SQLException e
            && SqlStates.isTransient(e)
            && !SqlStates.isWithoutPartition(e);
    if (passing || batch.size() == 1) {
      fail(batch, told(cause));
      return;
    }
    log.warn("a batch of {} cannot be decided together, and is halved", batch.size());
    process(batch.subList(0, batch.size() / 2));
    process(batch.subList(batch.size() / 2, batch.size()));
  }

  private static RuntimeException told(Exception cause) {
    return cause instanceof SQLException e
        ? Database.translated(e)
        : new IllegalStateException("a decision failed", cause);
  }

  /** Whatever comes after, what is committed is told so; waking everybody is not this thread's. */
  private void publish(List<Ticket<?>> batch) throws InterruptedException {
    batch.forEach(Ticket::commit);
    Thread.startVirtualThread(() -> batch.forEach(Ticket::tell));
    keepLocked(batch);
  }

  /** Those whose rows were not to be had wait on, at the head of their lines. */
  private void keepLocked(List<Ticket<?>> batch) throws InterruptedException {
    Map<UUID, List<Ticket<?>>> left = lockedRows.left(batch, System.nanoTime());
    left.forEach(queue::putBack);
    if (left.values().stream().mapToInt(List::size).sum() == batch.size()) {
      Thread.sleep(TRY_LOCKED_AGAIN);
    }
  }

  private static void fail(List<Ticket<?>> batch, RuntimeException why) {
    batch.forEach(ticket -> ticket.fail(why));
  }

  private static OverloadedException closed() {
    return new OverloadedException("the gate is closing");
  }

  private static StoreUnavailableException unavailable(String message, Exception cause) {
    return new StoreUnavailableException(message, cause);
  }
}
