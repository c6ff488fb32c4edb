package dev.workspaceoperator.gate;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Expires runs whose lease has ended, each second, so that a dead client's slot is free within 5 s
 * (I7). Any number of replicas may: each finds what is dead, and the workspace's lane judges it
 * under its lock; whoever comes second finds nothing left.
 */
public final class Reaper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reaper.class);
  private static final Sql FORGET_LANES = Sql.load("gate/forgetLanes");
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration FORGET_EVERY = Duration.ofHours(1);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  /** Most look-ups in one round: after a long outage there is more to do than one shows. */
  private static final int LOOKS_MAX = 100;

  private final Database database;
  private final Gate gate;
  private final DeadRunSearch search;
  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          1, Thread.ofPlatform().daemon().name("reaper-", 0).factory());

  private Reaper(Database database, Gate gate) {
    this.database = database;
    this.gate = gate;
    this.search = new DeadRunSearch(database);
  }

  /** Starts it, and returns at once. */
  public static Reaper start(Database database, Gate gate) {
    Reaper reaper = new Reaper(database, gate);
    reaper.repeat("Runs whose lease has ended were not expired", EVERY, reaper::sweep);
    reaper.repeat("Lanes of replicas that are gone were not removed", FORGET_EVERY, reaper::forget);
    return reaper;
  }

  /** One round. A backlog leaves the lanes and the database half of the time to others. */
  void sweep() {
    for (int look = 0; look < LOOKS_MAX; look++) {
      long start = System.nanoTime();
      int expired = gate.expire(search.next());
      if (expired == 0) {
        return;
      }
      log.atInfo().addKeyValue("runs", expired).log("Runs have expired");
      if (!Pause.of(Duration.ofNanos(System.nanoTime() - start))) {
        return;
      }
    }
  }

  private void forget() {
    NamedStatement _ =
        database.read(connection -> {
          try (NamedStatement statement = NamedStatement.of(connection, FORGET_LANES)) {
            return statement.run();
          }
        });
  }

  private void repeat(String failure, Duration every, Runnable work) {
    var _ =
        threads.scheduleWithFixedDelay(
            Loop.round(
                "reaper",
                () -> {
                  try {
                    work.run();
                  } catch (StoreUnavailableException | OverloadedException e) {
                    log.atWarn().addKeyValue("cause", e.getMessage()).log(failure);
                  }
                }),
            0,
            every.toMillis(),
            TimeUnit.MILLISECONDS);
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
