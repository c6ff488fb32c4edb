package dev.workspaceoperator.store;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Lets one query answer every read that arrived before it was sent. While a query is under way,
 * reads gather; the next query takes them all, each key once. An answer is never older than its
 * question: a read never joins a query that was sent already.
 *
 * <p>A further query is sent beside one that is under way only if that one is slow, or if as much
 * has gathered as one query takes: few large queries cost the database less than many small ones.
 * For the same reason a pause may be kept from one query to the next.
 *
 * @param <K> what is asked for
 * @param <V> what is found
 */
final class BatchedReads<K, V> implements AutoCloseable {
  private final Limits limits;
  private final Function<List<K>, Map<K, V>> query;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final List<Thread> lanes = new ArrayList<>();
  private Map<K, CompletableFuture<Optional<V>>> gathering = new LinkedHashMap<>();
  private int waiting;
  private final List<Long> underWaySince = new ArrayList<>();
  private long notBefore = System.nanoTime();
  private boolean closed;

  /**
   * Starts to answer.
   *
   * @param name of its threads
   * @param query finds the values of keys that are all different; a key without a value is not in
   *     the answer. Runs on several threads at once
   */
  BatchedReads(String name, Limits limits, Function<List<K>, Map<K, V>> query) {
    this.limits = limits;
    this.query = query;
    for (int lane = 0; lane < limits.lanes(); lane++) {
      lanes.add(Thread.ofVirtual().name(name + "-" + lane).start(Loop.kept(name, this::answer)));
    }
  }

  /**
   * What is there now.
   *
   * @throws OverloadedException if too many wait already
   * @throws StoreUnavailableException if no answer came in time, or the query failed so
   */
  Optional<V> read(K key) {
    CompletableFuture<Optional<V>> answer = ask(key);
    try {
      return answer.get(limits.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new StoreUnavailableException(
          "the database gave no answer within " + limits.patience(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("the wait for the database was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreUnavailableException cause) {
        throw new StoreUnavailableException(String.valueOf(cause.getMessage()), cause);
      }
      throw new IllegalStateException("the query failed", e.getCause());
    } finally {
      leave();
    }
  }

  /** How many reads wait for an answer. */
  int waiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  private CompletableFuture<Optional<V>> ask(K key) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("closed");
      }
      // Also the keys of those that have lost patience wait for their answer.
      if (Math.max(waiting, gathering.size()) >= limits.waitingMax()) {
        throw new OverloadedException(
            "%d reads wait for the database already".formatted(limits.waitingMax()));
      }
      waiting++;
      if (gathering.isEmpty()) {
        work.signal();
      }
      CompletableFuture<Optional<V>> answer =
          gathering.computeIfAbsent(key, _ -> new CompletableFuture<>());
      if (gathering.size() == limits.keysPerQuery()) {
        work.signal();
      }
      return answer;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      waiting--;
    } finally {
      lock.unlock();
    }
  }

  private void answer() {
    try {
      for (Batch<K, V> batch = next(); !batch.asked().isEmpty(); batch = next()) {
        try {
          answer(batch.asked());
        } finally {
          answered(batch);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(Map<K, CompletableFuture<Optional<V>>> batch) {
    try {
      Map<K, V> found = query.apply(List.copyOf(batch.keySet()));
      batch.forEach((key, asked) -> asked.complete(Optional.ofNullable(found.get(key))));
    } catch (RuntimeException | Error e) {
      batch.values().forEach(asked -> asked.completeExceptionally(e));
    }
  }

  private void answered(Batch<K, V> batch) {
    lock.lock();
    try {
      // Nobody is told: this lane comes for the next query itself.
      underWaySince.remove(batch.sentAt());
    } finally {
      lock.unlock();
    }
  }

  /** Waits until somebody asks and a query may be sent; empty once closed. */
  private Batch<K, V> next() throws InterruptedException {
    lock.lock();
    try {
      awaitTurn();
      Map<K, CompletableFuture<Optional<V>>> taken = gathering;
      gathering = new LinkedHashMap<>();
      Iterator<Map.Entry<K, CompletableFuture<Optional<V>>>> asked = taken.entrySet().iterator();
      for (int number = 0; asked.hasNext(); number++) {
        Map.Entry<K, CompletableFuture<Optional<V>>> one = asked.next();
        if (number >= limits.keysPerQuery()) {
          gathering.put(one.getKey(), one.getValue());
          asked.remove();
        }
      }
      if (!gathering.isEmpty()) {
        work.signal();
      }
      Long sentAt = System.nanoTime();
      underWaySince.add(sentAt);
      notBefore = sentAt + limits.pause().toNanos();
      return new Batch<>(taken, sentAt);
    } finally {
      lock.unlock();
    }
  }

  private void awaitTurn() throws InterruptedException {
    while (!closed) {
      if (gathering.isEmpty()) {
        work.await();
        continue;
      }
      long now = System.nanoTime();
      long slowIn =
          underWaySince.isEmpty() || gathering.size() >= limits.keysPerQuery()
              ? 0
              : underWaySince.getLast() + limits.slow().toNanos() - now;
      long wait = Math.max(slowIn, notBefore - now);
      if (wait <= 0) {
        return;
      }
      long _ = work.awaitNanos(wait);
    }
  }

  /** Answers what was asked, and takes no more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What one query is to answer, and when it was sent, by {@link System#nanoTime}. */
  private record Batch<K, V>(Map<K, CompletableFuture<Optional<V>>> asked, Long sentAt) {}

  /**
   * How much is done at once.
   *
   * @param lanes most queries under way; more than one, so that one slow answer holds up nobody who
   *     comes later
   * @param slow how long a query may be under way before the next one is sent beside it
   * @param pause least time from sending a query to sending the next
   * @param keysPerQuery most keys of one query
   * @param waitingMax most reads that wait
   * @param patience how long a read waits for its answer
   */
  record Limits(
      int lanes,
      Duration slow,
      Duration pause,
      int keysPerQuery,
      int waitingMax,
      Duration patience) {
    /** For reads that a request waits for, each with one statement of this database. */
    static Limits ofRequests(Database database) {
      // Less than a connection and a statement may take: a request waits for other things besides.
      Duration patience = database.patience().multipliedBy(3).dividedBy(4);
      return new Limits(2, Duration.ofMillis(10), Duration.ZERO, 500, 20_000, patience);
    }

    /** The same with another pause. */
    Limits with(Duration otherPause) {
      return with(otherPause, waitingMax);
    }

    /** The same with one query at a time. */
    Limits onOneLane() {
      return new Limits(1, slow, pause, keysPerQuery, waitingMax, patience);
    }

    /** The same with another pause, and so many that wait. */
    Limits with(Duration otherPause, int otherWaitingMax) {
      return new Limits(lanes, slow, otherPause, keysPerQuery, otherWaitingMax, patience);
    }
  }
}
