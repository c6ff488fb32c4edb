package dev.workspaceoperator.store;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.sql.Partitions;
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
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          2, Thread.ofPlatform().daemon().name("housekeeping-", 0).factory());

  private final List<Runnable> partitions = new CopyOnWriteArrayList<>();

  private Housekeeping() {}

  /** Starts it, and returns at once. */
  public static Housekeeping start(OverrideStore overrides, List<Partitions> tables) {
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
    for (Partitions table : tables) {
      Runnable keep =
          told(
              "Partitions were not kept",
              () -> {
                table.makeAhead();
                table.dropExpired();
              });
      housekeeping.partitions.add(Loop.round(NAME, keep));
      housekeeping.repeat(PARTITIONS_EVERY, keep);
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
      partitions.forEach(threads::execute);
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
}
