package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.KillLatch;
import java.util.Optional;

/** What reaches beyond one workspace (design.md §6). */
public interface Fleet {
  /** Every workspace of every cluster, archived ones too, by cluster, namespace and name. */
  Page<Snapshot> workspaces(Page.Request request);

  /**
   * Engages or releases the Platform latch of every workspace; what is so already stays so.
   *
   * @return the latch if it is engaged now
   */
  Optional<KillLatch> switchKill(boolean active, Optional<String> reason, Actor actor);
}
