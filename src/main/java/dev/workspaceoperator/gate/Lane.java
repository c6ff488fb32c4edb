package dev.workspaceoperator.gate;

import dev.workspaceoperator.store.Database;
import dev.workspaceoperator.store.SqlStates;
import dev.workspaceoperator.workspace.OverloadedException;
import dev.workspaceoperator.workspace.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: while one transaction is in flight, what arrives waits; then all of it is decided
 * in the next one. One thread, one connection, a bounded queue.
 */
final class Lane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Lane.class);
  private static final int ATTEMPTS = 4;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
  private static final Duration IDLE = Duration.ofMillis(200);

  private final GateSettings settings;
  private final LaneSession session;
  private final LaneDoor door = new LaneDoor();
  private final BlockingQueue<Ticket<?>> queue;
  private final GateMetrics metrics;
  private final Thread thread;

  /** Has left the queue, and may not be dispatched yet. */
  private volatile @Nullable Ticket<?> atDoor;

  private volatile boolean closing;

  Lane(String name, LaneSession session, GateSettings settings, GateMetrics metrics) {
    this.settings = settings;
    this.session = session;
    this.metrics = metrics;
    this.queue = new ArrayBlockingQueue<>(settings.queueMax());
    this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::work);
  }

  void start() {
    thread.start();
  }

  /**
   * Puts it at the end of the queue.
   *
   * @throws OverloadedException if the queue is full, or the lane closes
   */
  void enter(Ticket<?> ticket) {
    if (closing || !queue.offer(ticket)) {
      throw new OverloadedException("more is waiting to be decided than the queue can hold");
    }
    if (closing) {
      ticket.withdraw(new OverloadedException("the gate is closing"));
    }
  }

  /** How many operations wait. */
  int waiting() {
    return queue.size();
  }

  /** Lets no further batch begin until the result is closed. */
  LaneDoor.Pause pause() {
    return door.pause();
  }

  /** Fails what has waited too long while a batch would not end. */
  void withdrawOverdue(long nanoTime) {
    queue.removeIf(ticket -> {
      boolean overdue = ticket.isOverdue(nanoTime);
      if (overdue) {
        ticket.withdraw(overdue());
      }
      return overdue;
    });
    Ticket<?> waiting = atDoor;
    if (waiting != null && waiting.isOverdue(nanoTime)) {
      waiting.withdraw(overdue());
    }
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

  private void work() {
    List<Ticket<?>> batch = new ArrayList<>();
    try (session) {
      while (!closing || !queue.isEmpty()) {
        batch.clear();
        gather(batch);
        decide(List.copyOf(batch));
      }
    } catch (InterruptedException e) {
      fail(batch, unavailable("the gate was closed before the outcome was known", e));
    } finally {
      closing = true;
      failQueued(new StoreUnavailableException("the gate is closed", new InterruptedException()));
    }
  }

  /** Takes what is to be decided next out of the queue, into the batch; nothing, after a while. */
  private void gather(List<Ticket<?>> batch) throws InterruptedException {
    Ticket<?> first = queue.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
    if (first == null) {
      return;
    }
    batch.add(first);
    atDoor = first;
    door.awaitOpen();
    atDoor = null;
    queue.drainTo(batch, settings.batchMax() - 1);
    long now = System.nanoTime();
    batch.removeIf(ticket -> {
      if (ticket.isOverdue(now)) {
        ticket.withdraw(overdue());
      }
      return !ticket.dispatch();
    });
  }

  /** Whatever goes wrong with a batch, its callers hear of it and the lane lives on. */
  private void decide(List<Ticket<?>> batch) throws InterruptedException {
    if (batch.isEmpty()) {
      return;
    }
    try {
      process(batch);
    } catch (RuntimeException | Error e) {
      log.error("A batch of {} failed", batch.size(), e);
      // Who knows in what state its transaction is.
      session.close();
      fail(batch, new IllegalStateException("a decision failed", e));
    }
  }

  /** Sees a batch through to an outcome that every caller can be told. */
  private void process(List<Ticket<?>> batch) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      if (!isConnected(batch)) {
        return;
      }
      long startedAt = System.nanoTime();
      switch (session.run(batch)) {
        case BatchResult.Committed() -> {
          metrics.committed(batch.size(), System.nanoTime() - startedAt);
          publish(batch);
          return;
        }
        case BatchResult.NotCommitted(Exception cause) -> {
          if (attempt >= ATTEMPTS || !isWorthRepeating(cause)) {
            giveUp(batch, cause);
            return;
          }
          log.debug("a batch came to nothing and is repeated", cause);
        }
        case BatchResult.Unknown(BatchMark mark, Exception cause) -> {
          Optional<Boolean> committed = lookUp(mark);
          if (committed.isEmpty()) {
            fail(batch, unavailable("the outcome is not known", cause));
            return;
          }
          if (committed.get()) {
            publish(batch);
            return;
          }
          log.info("a COMMIT was lost, and what it was to commit is decided anew", cause);
        }
      }
    }
  }

  private boolean isConnected(List<Ticket<?>> batch) {
    try {
      session.connect();
      return true;
    } catch (SQLException e) {
      StoreUnavailableException unavailable = unavailable("the database cannot be reached", e);
      // Before the batch hears of it: whoever asks again then has a new attempt.
      failQueued(unavailable);
      fail(batch, unavailable);
      return false;
    }
  }

  /** Empty if it cannot be told in time. */
  private Optional<Boolean> lookUp(BatchMark mark) throws InterruptedException {
    long deadline = System.nanoTime() + settings.outcomeDeadline().toNanos();
    while (System.nanoTime() - deadline < 0) {
      try {
        return Optional.of(session.wasCommitted(mark));
      } catch (SQLException e) {
        log.debug("the outcome of a lost COMMIT cannot be told yet", e);
        failQueued(unavailable("the database cannot be reached", e));
        Thread.sleep(LOOK_AGAIN);
      }
    }
    return Optional.empty();
  }

  private static boolean isWorthRepeating(Exception cause) {
    return cause instanceof SQLException e
        && (SqlStates.isLostRace(e) || SqlStates.isLostConnection(e));
  }

  /** One operation that the database chokes on must not take the others with it. */
  private void giveUp(List<Ticket<?>> batch, Exception cause) throws InterruptedException {
    boolean passing = cause instanceof SQLException e && SqlStates.isTransient(e);
    if (passing || batch.size() == 1) {
      fail(batch, told(cause));
      return;
    }
    log.warn("a batch of {} cannot be decided together, and is decided one by one", batch.size());
    for (Ticket<?> ticket : batch) {
      process(List.of(ticket));
    }
  }

  private static RuntimeException told(Exception cause) {
    return cause instanceof SQLException e
        ? Database.translated(e)
        : new IllegalStateException("a decision failed", cause);
  }

  private void failQueued(RuntimeException why) {
    List<Ticket<?>> waiting = new ArrayList<>();
    queue.drainTo(waiting);
    waiting.forEach(ticket -> ticket.withdraw(why));
  }

  private static void publish(List<Ticket<?>> batch) {
    Thread.startVirtualThread(() -> batch.forEach(Ticket::publish));
  }

  private static void fail(List<Ticket<?>> batch, RuntimeException why) {
    batch.forEach(ticket -> ticket.fail(why));
  }

  private static OverloadedException overdue() {
    return new OverloadedException("not decided in time: too much is waiting");
  }

  private static StoreUnavailableException unavailable(String message, Exception cause) {
    return new StoreUnavailableException(message, cause);
  }
}
