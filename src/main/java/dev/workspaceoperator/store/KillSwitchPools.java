package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.StoreUnavailableException;
import java.sql.SQLException;
import java.util.function.Supplier;

/**
 * A few connections for the kill switches of workspaces alone, so that none ever waits behind other
 * work.
 *
 * @param looks for what waits for no lock
 * @param changes for what does
 */
public record KillSwitchPools(Database looks, Database changes) implements AutoCloseable {
  private static final int LOOKS = 2;
  private static final int CHANGES = 4;

  /**
   * A locked row is waited for in so many parts. In between, the connection is anybody's: a row
   * that somebody holds keeps no other workspace's switch waiting for longer than one part.
   */
  private static final int LOCK_WAITS = 5;

  /** Opens them for work that a request waits for; the database need not be up yet. */
  public static KillSwitchPools open(DatabaseSettings requests) {
    DatabaseSettings patient =
        requests.withLockTimeout(requests.lockTimeout().dividedBy(LOCK_WAITS));
    return new KillSwitchPools(
        Database.open(requests.withPoolSize(LOOKS)), Database.open(patient.withPoolSize(CHANGES)));
  }

  /** Does it again while a lock is held by somebody else, a few times at most. */
  <T> T whileLocked(Supplier<T> change) {
    for (int attempt = 1; ; attempt++) {
      try {
        return change.get();
      } catch (StoreUnavailableException e) {
        if (attempt == LOCK_WAITS
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
