package dev.workspaceoperator.share;

import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Permits that are waited for in turn: one tenant never has more than his share of them, and
 * whoever waits with one request is served in the next round, however many another has waiting.
 *
 * @param <K> whose permits they are
 */
public final class Turns<K> {
  private final String what;
  private final ShareBounds permits;
  private final ShareBounds waiting;
  private final Duration patience;
  private final ShareWatch watch;
  private final Map<K, Integer> heldBy = new HashMap<>();
  private final TurnQueue<K, Waiter<K>> queue;
  private int held;

  /**
   * Permits of which none is held.
   *
   * @param name for metrics and log, such as {@code store-work}
   * @param what they are for, for callers, such as {@code requests at the store}
   * @param waiting how many may wait
   * @param patience for how long each
   */
  public Turns(
      String name,
      String what,
      ShareBounds permits,
      ShareBounds waiting,
      Duration patience,
      MeterRegistry registry) {
    this.what = what;
    this.permits = permits;
    this.waiting = waiting;
    this.patience = patience;
    this.watch = new ShareWatch(name, registry);
    this.queue = new TurnQueue<>(waiting);
    watch.watch(permits::all, this::held, registry);
  }

  /**
   * Waits for one in turn.
   *
   * @return the permit, to be given back once
   * @throws ShareExceededException if none came in time, or too many wait, and it is this tenant's
   *     own doing
   * @throws OverloadedException if it is everybody's
   */
  public Shares.Place await(K whose) {
    Waiter<K> waiter = new Waiter<>(whose);
    synchronized (this) {
      if (queue.isEmpty() && mayHold(whose)) {
        return hold(whose);
      }
      switch (queue.offer(whose, waiter)) {
        case TAKEN -> serve();
        case OWN_SHARE_FULL -> throw ownShareIsFull(whose, waiting.ofOne() + " waiting");
        case ALL_FULL -> throw allIsFull(whose);
      }
    }
    if (waiter.isServed(patience)) {
      return rest -> giveBack(whose, rest);
    }
    return giveUp(waiter);
  }

  /** How many are held. */
  synchronized int held() {
    return held;
  }

  /** How many wait. */
  int waiting() {
    return queue.size();
  }

  private Shares.Place giveUp(Waiter<K> waiter) {
    K whose = waiter.whose;
    boolean own;
    synchronized (this) {
      if (queue.takeIf(waiter::equals).isEmpty()) {
        // It was served meanwhile.
        return rest -> giveBack(whose, rest);
      }
      own = heldBy.getOrDefault(whose, 0) >= permits.ofOne();
    }
    throw own ? ownShareIsFull(whose, permits.ofOne() + " at once") : allIsFull(whose);
  }

  private boolean mayHold(K whose) {
    return held < permits.all() && heldBy.getOrDefault(whose, 0) < permits.ofOne();
  }

  private Shares.Place hold(K whose) {
    held++;
    heldBy.merge(whose, 1, Integer::sum);
    return rest -> giveBack(whose, rest);
  }

  private void giveBack(K whose, Duration rest) {
    synchronized (this) {
      held--;
      if (rest.isPositive()) {
        serve();
      }
    }
    Rest.before(rest, () -> release(whose));
  }

  private synchronized void release(K whose) {
    heldBy.computeIfPresent(whose, (_, had) -> had > 1 ? had - 1 : null);
    serve();
  }

  /** Gives what is free to those whose turn it is. */
  private void serve() {
    while (held < permits.all()) {
      Optional<Waiter<K>> next = queue.takeFirst(this::mayHold);
      if (next.isEmpty()) {
        return;
      }
      Shares.Place _ = hold(next.get().whose);
      next.get().served.countDown();
    }
  }

  private ShareExceededException ownShareIsFull(K whose, String share) {
    watch.ownShareIsFull(whose);
    return new ShareExceededException("of %s, %s are the share of one".formatted(what, share));
  }

  private OverloadedException allIsFull(K whose) {
    watch.allIsFull(whose);
    return new OverloadedException("too many %s wait".formatted(what));
  }

  /** One that waits. */
  private static final class Waiter<K> {
    final K whose;
    final CountDownLatch served = new CountDownLatch(1);

    Waiter(K whose) {
      this.whose = whose;
    }

    boolean isServed(Duration patience) {
      try {
        return served.await(patience.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }
}
