package dev.workspaceoperator.auth;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which credentials were good a short time ago: those wait in a line of their own. It answers
 * nothing else; whether one is good still is asked anew. Only what was found good gets in, so that
 * no guess pushes anything out, and nobody has more than a part of the places.
 */
final class KnownGood<K> {
  static final Duration REMEMBERED = Duration.ofMinutes(10);
  static final int MAX = 10_000;
  static final int OF_ONE = MAX / 4;

  private final LongSupplier nanos;

  /** The one that was found good longest ago comes first. */
  private final LinkedHashMap<K, Found> found = new LinkedHashMap<>();

  private final Map<String, LinkedHashSet<K>> keysOf = new HashMap<>();

  /**
   * One that knows none.
   *
   * @param nanos as {@link System#nanoTime()}
   */
  KnownGood(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** It was found good. */
  synchronized void add(K key, String whose) {
    remove(key);
    found.put(key, new Found(whose, nanos.getAsLong()));
    LinkedHashSet<K> keys = keysOf.computeIfAbsent(whose, _ -> new LinkedHashSet<>());
    keys.add(key);
    if (keys.size() > OF_ONE) {
      remove(keys.getFirst());
    } else if (found.size() > MAX) {
      remove(found.firstEntry().getKey());
    }
  }

  /** It was found bad. */
  synchronized void remove(K key) {
    @Nullable Found was = found.remove(key);
    if (was != null) {
      keysOf.computeIfPresent(
          was.whose,
          (_, keys) -> {
            keys.remove(key);
            return keys.isEmpty() ? null : keys;
          });
    }
  }

  /** What is known of one that comes from there. */
  synchronized Acquaintance standing(K key, String source) {
    @Nullable Found was = found.get(key);
    boolean isRecent = was != null && nanos.getAsLong() - was.at < REMEMBERED.toNanos();
    return Optional.ofNullable(was)
        .filter(_ -> isRecent)
        .<Acquaintance>map(it -> new Acquaintance.Known(it.whose))
        .orElseGet(() -> new Acquaintance.Stranger(source));
  }

  synchronized int size() {
    return found.size();
  }

  private record Found(String whose, long at) {}
}
