package dev.workspaceoperator.share;

import dev.workspaceoperator.workspace.OverloadedException;
import dev.workspaceoperator.workspace.ShareExceededException;
import io.micrometer.core.instrument.MeterRegistry;
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
    boolean own;
    synchronized (this) {
      int had = takenBy.getOrDefault(whose, 0);
      // Where one may have all of it, nobody has a share that could be full.
      own = had >= bounds.ofOne() && bounds.ofOne() < bounds.all();
      if (!own && taken < bounds.all()) {
        taken++;
        takenBy.put(whose, had + 1);
        return () -> giveBack(whose);
      }
    }
    if (own) {
      watch.ownShareIsFull(whose);
      throw new ShareExceededException(
          "%d %s at once are the share of one".formatted(bounds.ofOne(), what));
    }
    watch.allIsFull(whose);
    throw new OverloadedException("all %d %s are taken".formatted(bounds.all(), what));
  }

  /** How many are taken. */
  public synchronized int taken() {
    return taken;
  }

  private synchronized void giveBack(K whose) {
    taken--;
    takenBy.computeIfPresent(whose, (_, had) -> had > 1 ? had - 1 : null);
  }

  /** What was taken. */
  @FunctionalInterface
  public interface Place extends AutoCloseable {
    @Override
    void close();
  }
}
