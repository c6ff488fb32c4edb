package dev.workspaceoperator.auth;

import dev.workspaceoperator.workspace.port.WorkspaceDirectory.Line;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
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
 * <p>Requests for the same key that arrive together share one query. A key that was found a short
 * time ago is asked for in the line of those that are known good.
 */
final class FreshLookups<K, V> {
  /** Half of the second within which a revoked credential must be refused. */
  static final Duration MAX_AGE = Duration.ofMillis(500);

  static final int MAX_ENTRIES = 10_000;

  private final Query<K, V> query;
  private final Function<V, String> owner;
  private final SignInLines lines;
  private final TimeSource time;
  private final KnownGood<K> known;
  private final ExpiringCache<K, V> answers;
  private final ConcurrentHashMap<K, Flight<V>> flights = new ConcurrentHashMap<>();
  private final AtomicLong generation = new AtomicLong();

  /**
   * Looks up with this query.
   *
   * @param owner whose a value is: one that has as many as he may does not keep others out
   */
  FreshLookups(Query<K, V> query, Function<V, String> owner, SignInLines lines, TimeSource time) {
    this.query = query;
    this.owner = owner;
    this.lines = lines;
    this.time = time;
    this.known = new KnownGood<>(time.nanos());
    this.answers = new ExpiringCache<>(MAX_ENTRIES, time.nanos());
  }

  /** A question to the store. */
  @FunctionalInterface
  interface Query<K, V> {
    /** Asks, in this line. */
    Optional<V> find(K key, Line line);
  }

  /** A recent "yes", if there is one, without a query. */
  Optional<V> recent(K key) {
    return answers.get(key);
  }

  /**
   * Asks the store, or shares a query that is under way. Whoever shares one waits as well, and has
   * a place in a line of his own for it.
   *
   * @param source who asks
   * @throws dev.workspaceoperator.workspace.port.OverloadedException if too many wait
   * @throws dev.workspaceoperator.workspace.port.ShareExceededException if too many wait with what
   *     was good a short time ago, and all of it is of this workspace
   * @throws dev.workspaceoperator.workspace.port.StoreUnavailableException as the query does
   */
  Optional<V> ask(K key, String source) {
    Acquaintance standing = known.standing(key, source);
    return lines.lookup(standing, () -> ask(key, standing.line()));
  }

  private Optional<V> ask(K key, Line line) {
    long arrivedAt = time.nanoTime();
    while (true) {
      Flight<V> own = new Flight<>(time.nanoTime(), generation.get());
      Flight<V> flight =
          flights.compute(key, (k, other) -> other != null && joinable(other) ? other : own);
      if (flight == own) {
        return fly(key, line, own);
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

  /** Forgets the answers for these, those of queries under way too. */
  void forget(Set<K> keys) {
    for (K key : keys) {
      Flight<V> flight = flights.get(key);
      if (flight != null) {
        flight.outdated = true;
      }
      answers.remove(key);
    }
  }

  private boolean isCurrent(Flight<V> flight) {
    return !flight.outdated && flight.generation == generation.get();
  }

  private boolean joinable(Flight<V> flight) {
    return isCurrent(flight) && time.nanoTime() - flight.sentAt < MAX_AGE.toNanos();
  }

  private Optional<V> fly(K key, Line line, Flight<V> flight) {
    try {
      Optional<V> answer = query.find(key, line);
      answer.ifPresentOrElse(value -> remember(key, value, flight), () -> known.remove(key));
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
    known.add(key, owner.apply(value));
    answers.put(key, value, flight.sentAt + MAX_AGE.toNanos());
    if (!isCurrent(flight)) {
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
    volatile boolean outdated;
    final CompletableFuture<Optional<V>> answer = new CompletableFuture<>();

    Flight(long sentAt, long generation) {
      this.sentAt = sentAt;
      this.generation = generation;
    }
  }
}
