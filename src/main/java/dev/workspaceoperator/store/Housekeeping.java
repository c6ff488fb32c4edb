package dev.workspaceoperator.store;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.OverrideStore;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every api replica does beside its requests: ends overrides that have run out, each second,
 * and keeps the partitions of the coming days. Whatever fails is tried again in the next round.
 *
 * <p>A database that is back may be another one, restored from a backup that has no partition of
 * today: then they are made at once.
 */
public final class Housekeeping implements WorkspaceChanges, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
  private static final String NAME = "housekeeping";
  private static final Duration SWEEP_EVERY = Duration.ofSeconds(1);
  private static final Duration PARTITIONS_EVERY = Duration.ofMinutes(10);

  /** Without a partition of today nothing is admitted. */
  private static final Duration PARTITIONS_AGAIN = Duration.ofSeconds(2);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          2, Thread.ofPlatform().daemon().name("housekeeping-", 0).factory());

  private final List<Chore> partitions = new CopyOnWriteArrayList<>();

  private Housekeeping() {}

  /**
   * Starts it, and returns at once.
   *
   * @param partitions each makes those of a table that are missing, and drops what has expired
   */
  public static Housekeeping start(OverrideStore overrides, List<Runnable> partitions) {
    Housekeeping housekeeping = new Housekeeping();
    housekeeping.repeat(
        SWEEP_EVERY,
        told(
            "Overrides that have run out were not recorded",
            () -> {
              int ended = overrides.sweep();
              if (ended > 0) {
                log.atInfo().addKeyValue("overrides", ended).log("Overrides have run out");
              }
            }));
    for (Runnable keep : partitions) {
      Chore chore = new Chore(keep);
      housekeeping.partitions.add(chore);
      housekeeping.repeat(PARTITIONS_AGAIN, chore::doIfDue);
    }
    return housekeeping;
  }

  @Override
  public void changed(ResourceIdentity identity, long revision) {}

  @Override
  public void freed() {}

  @Override
  public void platformChanged() {}

  @Override
  public void resync() {
    if (!threads.isShutdown()) {
      partitions.forEach(Chore::askFor);
      partitions.forEach(chore -> threads.execute(Loop.round(NAME, chore::doIfDue)));
    }
  }

  private void repeat(Duration every, Runnable work) {
    var _ =
        threads.scheduleWithFixedDelay(
            Loop.round(NAME, work), 0, every.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Runnable told(String failure, Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (StoreUnavailableException e) {
        log.atWarn().addKeyValue("cause", e.getMessage()).log(failure);
      }
    };
  }

  /** Lets what is under way end, for at most 5 s. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Something to do every ten minutes and when it is asked for; what has failed is due at once. */
  private static final class Chore {
    private final Runnable work;
    private long doneAt;
    private boolean due = true;

    Chore(Runnable work) {
      this.work = work;
    }

    synchronized void askFor() {
      due = true;
    }

    synchronized void doIfDue() {
      long now = System.nanoTime();
      if (!due && now - doneAt < PARTITIONS_EVERY.toNanos()) {
        return;
      }
      due = true;
      told("Partitions were not kept", this::tryOnce).run();
    }

    private void tryOnce() {
      work.run();
      doneAt = System.nanoTime();
      due = false;
    }
  }
}
