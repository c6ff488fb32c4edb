package dev.workspaceoperator.store;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.OverrideStore;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
  private static final Duration BUDGETS_EVERY = Duration.ofSeconds(5);
  private static final Duration PARTITIONS_EVERY = Duration.ofMinutes(10);

  /** Without a partition of today nothing is admitted. */
  private static final Duration MAKE_AGAIN = Duration.ofSeconds(2);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          2, Thread.ofPlatform().daemon().name("housekeeping-", 0).factory());

  private final List<Making> makings;

  private Housekeeping(List<Runnable> makePartitions) {
    this.makings = makePartitions.stream().map(Making::new).toList();
  }

  /**
   * Starts it, and returns at once.
   *
   * @param watchBudgets looks at who has spent how much of his budget
   * @param makePartitions each makes those of some tables that are missing
   * @param dropPartitions each drops those whose retention has ended
   */
  public static Housekeeping start(
      OverrideStore overrides,
      Runnable watchBudgets,
      List<Runnable> makePartitions,
      List<Runnable> dropPartitions) {
    Housekeeping housekeeping = new Housekeeping(makePartitions);
    housekeeping.repeat(BUDGETS_EVERY, told("Budgets were not looked at", watchBudgets));
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
    for (Making making : housekeeping.makings) {
      housekeeping.schedule(MAKE_AGAIN, making.round);
    }
    for (Runnable drop : dropPartitions) {
      housekeeping.repeat(PARTITIONS_EVERY, told("Partitions were not dropped", drop));
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
      for (Making making : makings) {
        making.due.set(true);
        threads.execute(making.round);
      }
    }
  }

  private void repeat(Duration every, Runnable work) {
    schedule(every, Loop.round(NAME, work));
  }

  private void schedule(Duration every, Runnable round) {
    var _ = threads.scheduleWithFixedDelay(round, 0, every.toMillis(), TimeUnit.MILLISECONDS);
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

  /** Partitions are made every ten minutes, and once they are due: at once, and after a failure. */
  private static final class Making {
    private final Runnable work;
    private final AtomicBoolean due = new AtomicBoolean(true);
    private volatile long doneAt;

    /** One for good: what has failed is told as going on again by the round that succeeds. */
    private final Runnable round = Loop.round(NAME, told("Partitions were not made", this::make));

    Making(Runnable work) {
      this.work = work;
    }

    private void make() {
      boolean asked = due.getAndSet(false);
      if (!asked && System.nanoTime() - doneAt < PARTITIONS_EVERY.toNanos()) {
        return;
      }
      boolean made = false;
      try {
        work.run();
        made = true;
        doneAt = System.nanoTime();
      } finally {
        if (!made) {
          due.set(true);
        }
      }
    }
  }
}
