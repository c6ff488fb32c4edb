package dev.workspaceoperator.auth;

import dev.workspaceoperator.share.Shares;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The lines in which credentials wait to be judged, side by side and each bounded (design.md §12):
 * what is known good never waits behind strangers, and whoever waits for an issuer's keys holds up
 * nobody else. Nobody waits for a place in a line.
 */
final class SignInLines {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final SignInBounds bounds;
  private final Shares<String> known;
  private final Shares<String> strangers;
  private final Shares<String> keySets;

  /** Signatures cost the processor, which both lines have a part of. */
  private final Semaphore knownChecks = new Semaphore(PROCESSORS, true);

  private final Semaphore strangersChecks = new Semaphore(Math.max(1, PROCESSORS / 2), true);

  SignInLines(SignInBounds bounds, MeterRegistry registry) {
    this.bounds = bounds;
    this.known =
        new Shares<>("sign-in-known", "sign-ins with known credentials", bounds.known(), registry);
    this.strangers =
        new Shares<>(
            "sign-in-strangers", "sign-ins with new credentials", bounds.strangers(), registry);
    this.keySets =
        new Shares<>("sign-in-key-sets", "waits for issuers' keys", bounds.keySets(), registry);
  }

  /**
   * Runs a query to the store.
   *
   * @throws OverloadedException if too many wait
   * @throws ShareExceededException if it is known, and too many of its workspace wait
   */
  <T> T lookup(Acquaintance standing, Supplier<T> query) {
    try (Shares.Place _ = place(standing)) {
      return query.get();
    }
  }

  /**
   * Runs a check of a signature.
   *
   * @throws OverloadedException if too many wait, or the turn did not come in time
   * @throws ShareExceededException if it is known, and too many of its workspace wait
   */
  <T> T signature(Acquaintance standing, Supplier<T> check) {
    try (Shares.Place _ = place(standing)) {
      return switch (standing) {
        case Acquaintance.Known _ -> within(knownChecks, check);
        case Acquaintance.Stranger _ -> within(strangersChecks, check);
      };
    }
  }

  /**
   * Waits for keys to be fetched, which is under way.
   *
   * @return whether it ended in time
   * @throws OverloadedException if as many as may wait already
   */
  boolean awaitKeys(String issuer, CompletableFuture<?> fetch, Duration atMost) {
    if (fetch.isDone()) {
      return true;
    }
    try (Shares.Place _ = keySets.take(issuer)) {
      fetch.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the fetch of keys failed in an unforeseen way", e);
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (ShareExceededException e) {
      // Not the doing of whoever comes now: the issuer is slow.
      throw new OverloadedException(
          "%d tokens wait for the keys of their issuer already"
              .formatted(bounds.keySets().ofOne()));
    }
  }

  /** How long a token may wait for keys to be fetched. */
  Duration keySetPatience() {
    return bounds.keySetPatience();
  }

  private Shares.Place place(Acquaintance standing) {
    return switch (standing) {
      case Acquaintance.Known(String whose) -> known.take(whose);
      case Acquaintance.Stranger(String source) -> strangersPlace(source);
    };
  }

  private Shares.Place strangersPlace(String source) {
    try {
      return strangers.take(SourceAddress.of(source));
    } catch (ShareExceededException e) {
      // What is wanted now may be good, and come from behind the same proxy as guesses.
      throw new OverloadedException(
          "%d sign-ins with new credentials wait from one address already"
              .formatted(bounds.strangers().ofOne()));
    }
  }

  private <T> T within(Semaphore permits, Supplier<T> check) {
    try {
      if (!permits.tryAcquire(bounds.patience().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new OverloadedException(
            "no turn to check a signature came within " + bounds.patience());
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
    try {
      return check.get();
    } finally {
      permits.release();
    }
  }

  private static OverloadedException interrupted() {
    Thread.currentThread().interrupt();
    return new OverloadedException("the wait was interrupted, because the server stops");
  }
}
