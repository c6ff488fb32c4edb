package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.LostHistory;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what status remembers against the store, before status is written anew: a database that
 * went back in time must not make the cluster forget as well.
 */
final class HistoryCheck {
  private static final Logger log = LoggerFactory.getLogger(HistoryCheck.class);

  private final ControllerFence fence;
  private final DeclaredStore store;

  HistoryCheck(ControllerFence fence, DeclaredStore store) {
    this.fence = fence;
    this.store = store;
  }

  /**
   * What is so now.
   *
   * @param gathered what the store knows, with the record of the loss
   * @param lost empty if nothing is
   */
  record Checked(Gathered gathered, Optional<LostHistory> lost) {}

  /**
   * Looks, and writes into the store what it has lost.
   *
   * @param before what the store knew before this look's own write
   * @param after what it knows now
   * @throws FencedException if another controller has taken over
   */
  Checked check(
      ResourceIdentity identity, WorkspaceStatus status, Gathered before, Gathered after) {
    return Remembered.of(status)
        .filter(known -> !isUpToDate(known, before) && !isUpToDate(known, after))
        .flatMap(known -> known.lost(store.knows(known.question()), after))
        .map(lost -> recorded(identity, lost))
        .orElseGet(() -> new Checked(after, Optional.empty()));
  }

  private static boolean isUpToDate(Remembered known, Gathered gathered) {
    return gathered.workspace().filter(known::isUpToDate).isPresent();
  }

  private Checked recorded(ResourceIdentity identity, LostHistory lost) {
    log.atWarn()
        .addKeyValue("namespace", identity.namespace())
        .addKeyValue("name", identity.name())
        .addKeyValue("workspace_id", lost.workspaceId())
        .addKeyValue("audit_seq", lost.head().seq())
        .addKeyValue("audit_hash", lost.head().hash())
        .log("History is lost: " + lost.told());
    return switch (store.recordLoss(fence, identity, lost)) {
      case SyncOutcome.Applied(Gathered gathered) -> new Checked(gathered, Optional.of(lost));
      case SyncOutcome.Fenced(long currentEpoch) -> throw new FencedException(currentEpoch);
      case SyncOutcome.Conflict(), SyncOutcome.OldGeneration() ->
          throw new IllegalStateException("what is lost depends on nothing else");
    };
  }
}
