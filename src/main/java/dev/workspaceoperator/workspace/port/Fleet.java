package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.KillLatch;
import java.util.Optional;

/** What reaches beyond one workspace (design.md §6). */
public interface Fleet {
  /**
   * Workspaces of every cluster, archived ones too.
   *
   * @throws Page.BadCursorException if the cursor is not one of this list
   */
  Page<Snapshot> workspaces(Selection selection, Page.Request request);

  /**
   * Which workspaces are wanted.
   *
   * @param killed only those whose kill switch is on, or only those whose is not
   */
  record Selection(Order order, Optional<Boolean> killed) {
    /** Every one. */
    public static final Selection ALL = new Selection(Order.IDENTITY, Optional.empty());
  }

  /** In which order they come. */
  enum Order {
    /** By cluster, namespace and name. */
    IDENTITY,
    /** What spent most today comes first; what spends meanwhile may come twice, or not. */
    SPENT
  }

  /**
   * Engages or releases the Platform latch of every workspace; what is so already stays so.
   *
   * @return the latch if it is engaged now
   */
  Optional<KillLatch> switchKill(boolean active, Optional<String> reason, Actor actor);
}
