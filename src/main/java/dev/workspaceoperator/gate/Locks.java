package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.Sql;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;

/**
 * How a batch locks the rows of its workspaces: first those that it waits for, in their one order,
 * and no longer than other batches take; then those that are free, without waiting, so that nobody
 * ever waits for it in a circle.
 */
final class Locks {
  private static final Sql LOCK_WORKSPACES = Sql.load("gate/lockWorkspaces");
  private static final Sql LOCK_FREE_WORKSPACES = Sql.load("gate/lockFreeWorkspaces");

  private final Duration patience;
  private final Set<UUID> waitedFor;
  private final Set<UUID> onlyIfFree;
  private final Set<UUID> foundFree = new HashSet<>();

  /** None is held yet. */
  Locks(Set<UUID> workspaceIds, RowWaits waits) {
    this.patience = waits.patience();
    this.waitedFor = new LinkedHashSet<>(workspaceIds);
    this.onlyIfFree = new LinkedHashSet<>(waits.onlyIfFree());
    this.onlyIfFree.retainAll(workspaceIds);
    waitedFor.removeAll(onlyIfFree);
  }

  /**
   * Takes them.
   *
   * @param usual how long any other lock is waited for
   */
  void add(RoundTrip trip, Duration usual) {
    if (!waitedFor.isEmpty()) {
      trip.add(
          LOCK_WORKSPACES,
          statement ->
              statement
                  .text("row_lock_timeout", patience.toMillis() + "ms")
                  .column("waited_for_ids", WorkspaceBatchReader.uuids(waitedFor))
                  .text("lock_timeout", usual.toMillis() + "ms"),
          RoundTrip.Reading.NONE);
    }
    if (!onlyIfFree.isEmpty()) {
      trip.add(
          LOCK_FREE_WORKSPACES,
          statement -> statement.column("only_if_free_ids", WorkspaceBatchReader.uuids(onlyIfFree)),
          row -> foundFree.add(WorkspaceBatchRows.uuid(row, "workspace_id")));
    }
  }

  /** Whether what was read of it stays so; also of a workspace that there is not. */
  boolean isHeld(UUID workspaceId) {
    return waitedFor.contains(workspaceId) || foundFree.contains(workspaceId);
  }
}
