package dev.workspaceoperator.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Remembers a bounded number of answers, each until its end; the one used longest ago goes first.
 */
final class ExpiringCache<K, V> {
  private final LongSupplier nanos;
  private final Map<K, Timed<V>> entries;

  /**
   * An empty one.
   *
   * @param maxEntries how many are remembered at most
   * @param nanos as {@link System#nanoTime()}
   */
  ExpiringCache(int maxEntries, LongSupplier nanos) {
    this.nanos = nanos;
    this.entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Timed<V>> eldest) {
            return size() > maxEntries;
          }
        };
  }

  /** What is remembered and has not ended. */
  synchronized Optional<V> get(K key) {
    Timed<V> entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.endsAt - nanos.getAsLong() <= 0) {
      entries.remove(key);
      return Optional.empty();
    }
    return Optional.of(entry.value);
  }

  /**
   * Remembers.
   *
   * @param endsAt exclusive, in nanoseconds of this cache's time
   */
  synchronized void put(K key, V value, long endsAt) {
    entries.put(key, new Timed<>(value, endsAt));
  }

  synchronized void remove(K key) {
    entries.remove(key);
  }

  synchronized void clear() {
    entries.clear();
  }

  synchronized int size() {
    return entries.size();
  }

  private record Timed<V>(V value, long endsAt) {}
}
