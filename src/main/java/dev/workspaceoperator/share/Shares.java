package dev.workspaceoperator.share;

import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Places of one bounded thing: nobody waits for one, and one tenant never has more than his share.
 *
 * @param <K> whose places they are
 */
public final class Shares<K> {
  private final String what;
  private final ShareBounds bounds;
  private final ShareWatch watch;
  private final Map<K, Integer> takenBy = new HashMap<>();
  private int taken;

  /**
   * Places of which none is taken.
   *
   * @param name for metrics and log, such as {@code event-streams}
   * @param what they are, for callers, such as {@code event streams}
   */
  public Shares(String name, String what, ShareBounds bounds, MeterRegistry registry) {
    this.what = what;
    this.bounds = bounds;
    this.watch = new ShareWatch(name, registry);
    watch.watch(bounds::all, this::taken, registry);
  }

  /**
   * Takes one.
   *
   * @return the place, to be given back once
   * @throws ShareExceededException if the tenant has all that he may have
   * @throws OverloadedException if all are taken
   */
  public Place take(K whose) {
    return take(whose, ShareExceededException.RETRY);
  }

  /**
   * The same of places that are kept for long.
   *
   * @param retryAfter when a tenant who has all that he may have is to try again
   */
  public Place take(K whose, Duration retryAfter) {
    boolean own;
    synchronized (this) {
      int had = takenBy.getOrDefault(whose, 0);
      // Where one may have all of it, nobody has a share that could be full.
      own = had >= bounds.ofOne() && bounds.ofOne() < bounds.all();
      if (!own && taken < bounds.all()) {
        taken++;
        takenBy.put(whose, had + 1);
        return rest -> giveBack(whose, rest);
      }
    }
    if (own) {
      watch.ownShareIsFull(whose);
      throw new ShareExceededException(
          "%d %s at once are the share of one".formatted(bounds.ofOne(), what), retryAfter);
    }
    watch.allIsFull(whose);
    throw new OverloadedException("all %d %s are taken".formatted(bounds.all(), what));
  }

  /** How many are taken. */
  public synchronized int taken() {
    return taken;
  }

  private void giveBack(K whose, Duration rest) {
    synchronized (this) {
      taken--;
    }
    Rest.before(rest, () -> release(whose));
  }

  private synchronized void release(K whose) {
    takenBy.computeIfPresent(whose, (_, had) -> had > 1 ? had - 1 : null);
  }

  /** What was taken, to be given back once. */
  @FunctionalInterface
  public interface Place extends AutoCloseable {
    /** Gives it back: to the others at once, and to its own tenant only so long after that. */
    void close(Duration rest);

    @Override
    default void close() {
      close(Duration.ZERO);
    }

    /** The same, whose tenant rests so long whenever it is closed. */
    default Place resting(Duration rest) {
      return _ -> close(rest);
    }
  }
}
