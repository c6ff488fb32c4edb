package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.SqlStates;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A few connections for the kill switches of workspaces alone, so that none ever waits behind other
 * work.
 *
 * @param looks for what waits for no lock
 * @param changes for what may wait for one
 * @param betweenLooks least time from one look to the next
 */
public record KillSwitchPools(Database looks, Database changes, Duration betweenLooks)
    implements AutoCloseable {
  /** Whoever tries his kill switch in a loop must not keep the database busy with looks. */
  public static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);

  private static final int LOOKS = 2;
  private static final int CHANGES = 4;

  /**
   * A locked row is waited for in so many parts. In between, the connection is anybody's: rows that
   * somebody holds keep no other workspace's switch waiting for longer than one part for each
   * {@link #CHANGES} of them.
   */
  private static final int LOCK_WAITS = 5;

  /** Looks are as far from one another as users have them. */
  public KillSwitchPools(Database looks, Database changes) {
    this(looks, changes, BETWEEN_LOOKS);
  }

  /** Opens them for work that a request waits for; the database need not be up yet. */
  public static KillSwitchPools open(DatabaseSettings requests) {
    DatabaseSettings patient =
        requests.withLockTimeout(requests.lockTimeout().dividedBy(LOCK_WAITS));
    return new KillSwitchPools(
        Database.open(requests.withPoolSize(LOOKS)), Database.open(patient.withPoolSize(CHANGES)));
  }

  /** Tells how these pools fare from now on. */
  public KillSwitchPools watched(MeterRegistry registry) {
    looks.watched("kill-switch-looks", registry);
    changes.watched("kill-switches", registry);
    return this;
  }

  /** Does it again while a lock is held by somebody else, for as long as a request has patience. */
  <T> T whileLocked(Supplier<T> change) {
    long until = System.nanoTime() + changes.patience().dividedBy(2).toNanos();
    while (true) {
      try {
        return change.get();
      } catch (StoreUnavailableException e) {
        if (System.nanoTime() - until >= 0
            || !(e.getCause() instanceof SQLException cause && SqlStates.isLockedOut(cause))) {
          throw e;
        }
      }
    }
  }

  @Override
  public void close() {
    looks.close();
    changes.close();
  }
}
