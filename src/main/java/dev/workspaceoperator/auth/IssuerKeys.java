package dev.workspaceoperator.auth;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one issuer as last fetched. They are fetched anew every {@link #REFRESH_AFTER}, and
 * when a token names a key that is not among them; never more often than every {@link
 * #FETCH_INTERVAL}, whatever tokens come, and never twice at a time. While they cannot be fetched
 * the last ones are used for a bounded time, and then none.
 */
final class IssuerKeys {
  static final Duration REFRESH_AFTER = Duration.ofMinutes(5);
  static final Duration FETCH_INTERVAL = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);

  private final TokenIssuer issuer;
  private final KeySetSource source;
  private final TimeSource time;
  private final Listener listener;

  private volatile @Nullable Fetched fetched;
  private @Nullable CompletableFuture<Boolean> underWay;
  private @Nullable Long lastTriedAt;

  IssuerKeys(TokenIssuer issuer, KeySetSource source, TimeSource time, Listener listener) {
    this.issuer = issuer;
    this.source = source;
    this.time = time;
    this.listener = listener;
  }

  /** Where keys come from. */
  interface KeySetSource {
    /**
     * Fetches them.
     *
     * @throws IOException with a message fit for the log
     */
    KeySet fetch() throws IOException;
  }

  /** Told of each fetch. */
  interface Listener {
    void fetched();

    void failed();
  }

  TokenIssuer issuer() {
    return issuer;
  }

  /** The keys to judge by; empty before the first fetch and after too long an outage. */
  Optional<KeySet> current() {
    Fetched last = fetched;
    return last != null && age(last).compareTo(issuer.keys().keepFor()) < 0
        ? Optional.of(last.keys)
        : Optional.empty();
  }

  /** How old the keys are; empty before the first fetch. */
  Optional<Duration> age() {
    return Optional.ofNullable(fetched).map(this::age);
  }

  /** Fetches if it is time to. */
  void refreshIfDue() {
    Fetched last = fetched;
    if (last == null || age(last).compareTo(REFRESH_AFTER) >= 0) {
      refresh().join();
    }
  }

  /**
   * Fetches, unless that was tried a moment ago.
   *
   * @return done when the fetch, or one already under way, has ended well or badly; its time limits
   *     bound it. True only if the keys were asked for after this call, so that one that is not
   *     among them is not published
   */
  synchronized CompletableFuture<Boolean> refresh() {
    if (underWay != null) {
      return underWay.thenApply(fetchedWell -> false);
    }
    long now = time.nanoTime();
    if (lastTriedAt != null && now - lastTriedAt < FETCH_INTERVAL.toNanos()) {
      return CompletableFuture.completedFuture(false);
    }
    lastTriedAt = now;
    CompletableFuture<Boolean> started = new CompletableFuture<>();
    underWay = started;
    Thread.ofVirtual().name("jwks " + issuer.label()).start(() -> fetch(started, now));
    return started;
  }

  private void fetch(CompletableFuture<Boolean> started, long sentAt) {
    boolean fetchedWell = false;
    try {
      fetched = new Fetched(source.fetch(), sentAt);
      fetchedWell = true;
      listener.fetched();
    } catch (IOException | RuntimeException e) {
      LOG.warn("The keys of issuer {} cannot be fetched: {}", issuer.label(), e.getMessage());
      listener.failed();
    } finally {
      synchronized (this) {
        underWay = null;
      }
      started.complete(fetchedWell);
    }
  }

  private Duration age(Fetched last) {
    return Duration.ofNanos(time.nanoTime() - last.at);
  }

  private record Fetched(KeySet keys, long at) {}
}
