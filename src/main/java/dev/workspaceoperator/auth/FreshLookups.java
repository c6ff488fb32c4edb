package dev.workspaceoperator.auth;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Looks things up in the store, where the answer "no" is never old and the answer "yes" is at most
 * {@link #MAX_AGE} old, counted from when the query was sent. So a new key works at once, and a
 * revoked one is refused within a second on every replica.
 *
 * <p>Requests for the same key that arrive together share one query.
 */
final class FreshLookups<K, V> {
  /** Half of the second within which a revoked credential must be refused. */
  static final Duration MAX_AGE = Duration.ofMillis(500);

  static final int MAX_ENTRIES = 10_000;

  private final Function<K, Optional<V>> query;
  private final TimeSource time;
  private final ExpiringCache<K, V> answers;
  private final ConcurrentHashMap<K, Flight<V>> flights = new ConcurrentHashMap<>();
  private final AtomicLong generation = new AtomicLong();

  FreshLookups(Function<K, Optional<V>> query, TimeSource time) {
    this.query = query;
    this.time = time;
    this.answers = new ExpiringCache<>(MAX_ENTRIES, time.nanos());
  }

  /** A recent "yes", if there is one, without a query. */
  Optional<V> recent(K key) {
    return answers.get(key);
  }

  /**
   * Asks the store, or shares a query that is under way.
   *
   * @throws dev.workspaceoperator.workspace.StoreUnavailableException as the query does
   */
  Optional<V> ask(K key) {
    long arrivedAt = time.nanoTime();
    while (true) {
      Flight<V> own = new Flight<>(time.nanoTime(), generation.get());
      Flight<V> flight =
          flights.compute(key, (k, other) -> other != null && joinable(other) ? other : own);
      if (flight == own) {
        return fly(key, own);
      }
      Optional<V> answer = join(flight);
      // What was not there when an earlier query was sent may be there by now.
      if (answer.isPresent() || flight.sentAt - arrivedAt >= 0) {
        return answer;
      }
    }
  }

  /** Forgets every answer, those of queries under way too. */
  void forget() {
    generation.incrementAndGet();
    answers.clear();
  }

  private boolean joinable(Flight<V> flight) {
    return flight.generation == generation.get()
        && time.nanoTime() - flight.sentAt < MAX_AGE.toNanos();
  }

  private Optional<V> fly(K key, Flight<V> flight) {
    try {
      Optional<V> answer = query.apply(key);
      answer.ifPresent(value -> remember(key, value, flight));
      flights.remove(key, flight);
      flight.answer.complete(answer);
      return answer;
    } catch (RuntimeException | Error e) {
      flights.remove(key, flight);
      flight.answer.completeExceptionally(e);
      throw e;
    }
  }

  private void remember(K key, V value, Flight<V> flight) {
    answers.put(key, value, flight.sentAt + MAX_AGE.toNanos());
    if (flight.generation != generation.get()) {
      answers.remove(key);
    }
  }

  private static <V> Optional<V> join(Flight<V> flight) {
    try {
      return flight.answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** One query under way. */
  private static final class Flight<V> {
    final long sentAt;
    final long generation;
    final CompletableFuture<Optional<V>> answer = new CompletableFuture<>();

    Flight(long sentAt, long generation) {
      this.sentAt = sentAt;
      this.generation = generation;
    }
  }
}
