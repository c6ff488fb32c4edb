package dev.workspaceoperator.auth;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Bounds the work that judging a credential costs, so that guesses of one source cannot starve the
 * others: sources over their limit of failures share a narrow lane. Every credential is judged in
 * the end, because a good one is never refused for what else came from its source.
 */
final class Lanes {
  private static final int SUSPECT_LOOKUPS = 4;

  private final FailedAttempts failures;
  private final Semaphore suspectLookups = new Semaphore(SUSPECT_LOOKUPS);
  private final Semaphore suspectSignatures = new Semaphore(1);
  private final Semaphore signatures = new Semaphore(Runtime.getRuntime().availableProcessors());

  Lanes(FailedAttempts failures) {
    this.failures = failures;
  }

  /** Runs a query to the store; the store bounds those of other sources. */
  <T> T lookup(String source, Supplier<T> query) {
    return failures.isOverLimit(source) ? within(suspectLookups, query) : query.get();
  }

  /** Runs a check of a signature. */
  <T> T signature(String source, Supplier<T> check) {
    return failures.isOverLimit(source)
        ? within(suspectSignatures, () -> within(signatures, check))
        : within(signatures, check);
  }

  private static <T> T within(Semaphore permits, Supplier<T> work) {
    permits.acquireUninterruptibly();
    try {
      return work.get();
    } finally {
      permits.release();
    }
  }
}
