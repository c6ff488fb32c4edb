package dev.workspaceoperator.share;

import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how one shared thing fares: metrics without a tenant's name, and at most once a minute a
 * line in the log with it.
 */
public final class ShareWatch {
  static final String PLACES = Metric.SHARE_PLACES.meter();
  static final String TAKEN = Metric.SHARE_TAKEN.meter();
  static final String REFUSED = Metric.SHARE_REFUSED.meter();

  private static final Duration LOG_EVERY = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(ShareWatch.class);

  private final String name;
  private final Counter refusedToOne;
  private final Counter refusedToAll;
  private final AtomicLong nextOfOne = new AtomicLong(System.nanoTime());
  private final AtomicLong nextOfAll = new AtomicLong(System.nanoTime());

  /**
   * Watches.
   *
   * @param name of the thing, for metrics and log, such as {@code requests}
   */
  public ShareWatch(String name, MeterRegistry registry) {
    this.name = name;
    this.refusedToOne = refused("one", registry);
    this.refusedToAll = refused("all", registry);
  }

  /** Tells how much there is of it, and how much is taken. */
  public void watch(IntSupplier all, IntSupplier taken, MeterRegistry registry) {
    Metric.SHARE_PLACES.gauge(registry, all::getAsInt, name);
    Metric.SHARE_TAKEN.gauge(registry, taken::getAsInt, name);
  }

  /** Somebody was refused, because he has his share. */
  public void ownShareIsFull(Object whose) {
    refusedToOne.increment();
    if (isDue(nextOfOne)) {
      log.atWarn()
          .addKeyValue("share", name)
          .addKeyValue("whose", whose)
          .log("One has taken his whole share, and is refused more");
    }
  }

  /** Somebody was refused, because all of it is taken. */
  public void allIsFull(Object whose) {
    refusedToAll.increment();
    if (isDue(nextOfAll)) {
      log.atWarn()
          .addKeyValue("share", name)
          .addKeyValue("whose", whose)
          .log("All of a share is taken, and more is refused");
    }
  }

  private static boolean isDue(AtomicLong next) {
    long due = next.get();
    long now = System.nanoTime();
    return now - due >= 0 && next.compareAndSet(due, now + LOG_EVERY.toNanos());
  }

  private Counter refused(String whose, MeterRegistry registry) {
    return Metric.SHARE_REFUSED.counter(registry, name, whose);
  }
}
