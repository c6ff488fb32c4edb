package dev.workspaceoperator.http;

import dev.workspaceoperator.share.Shares;
import dev.workspaceoperator.share.Turns;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;

/** Requests with statements of their own: workspaces take turns, and leave each other memory. */
final class StoreTurns {
  private final Turns<Object> work;
  private final Turns<Object> unsent;

  private StoreTurns(Turns<Object> work, Turns<Object> unsent) {
    this.work = work;
    this.unsent = unsent;
  }

  static StoreTurns of(StoreWork settings, MeterRegistry registry) {
    return new StoreTurns(
        new Turns<>(
            "store-work",
            "requests with statements of their own",
            settings.atOnce(),
            settings.waiting(),
            settings.patience(),
            registry),
        new Turns<>(
            "unsent-answers",
            "answers that are not sent yet",
            settings.unsent(),
            settings.waiting(),
            settings.patience(),
            registry));
  }

  /**
   * Answers in turn. The body was read before, and the answer is sent later: no client holds up
   * whose turn it is.
   *
   * @param slot keeps room for the answer until it is sent
   */
  Answer answer(Object whose, RequestSlots.Slot slot, Supplier<Answer> endpoint) {
    slot.holdUntilSent(unsent.await(whose));
    try (Shares.Place _ = work.await(whose)) {
      return endpoint.get();
    }
  }

  /**
   * The same for a page of a list, which is much work: its workspace's turn lasts twice as long as
   * that takes, so that whoever reads pages in a loop leaves half of the time to others.
   */
  Answer page(Object whose, RequestSlots.Slot slot, Supplier<Answer> endpoint) {
    slot.holdUntilSent(unsent.await(whose));
    Shares.Place turn = work.await(whose);
    long start = System.nanoTime();
    try {
      return endpoint.get();
    } finally {
      turn.keptFor(Duration.ofNanos(System.nanoTime() - start)).close();
    }
  }
}
