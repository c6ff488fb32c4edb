package dev.workspaceoperator.http.server;

import dev.workspaceoperator.share.Shares;
import dev.workspaceoperator.share.Turns;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;

/** Requests with statements of their own: workspaces take turns, and leave each other memory. */
public final class StoreTurns {
  private static final Duration REST_MAX = Duration.ofSeconds(1);

  private final Turns<Object> work;
  private final Turns<Object> unsent;

  private StoreTurns(Turns<Object> work, Turns<Object> unsent) {
    this.work = work;
    this.unsent = unsent;
  }

  public static StoreTurns of(StoreWork settings, MeterRegistry registry) {
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
  public Answer answer(Object whose, RequestSlots.Slot slot, Supplier<Answer> endpoint) {
    slot.holdUntilSent(unsent.await(whose));
    try (Shares.Place _ = work.await(whose)) {
      return endpoint.get();
    }
  }

  /**
   * The same for a read, which may be that of a long list: its workspace rests as long as that
   * took, so that whoever reads pages in a loop leaves half of the time to others.
   */
  public Answer read(Object whose, RequestSlots.Slot slot, Supplier<Answer> endpoint) {
    slot.holdUntilSent(unsent.await(whose));
    Shares.Place turn = work.await(whose);
    Duration rest = Duration.ZERO;
    long start = System.nanoTime();
    try {
      Answer answer = endpoint.get();
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      rest = took.compareTo(REST_MAX) < 0 ? took : REST_MAX;
      return answer;
    } finally {
      turn.close(rest);
    }
  }
}
