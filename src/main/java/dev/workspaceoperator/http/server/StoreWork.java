package dev.workspaceoperator.http.server;

import dev.workspaceoperator.share.ShareBounds;
import java.time.Duration;

/**
 * How requests with statements of their own share out the connections to the store (design.md §12).
 *
 * @param atOnce how many work at the store at once
 * @param unsent how many answers of theirs may be there at once that are not sent yet: they are the
 *     large ones, and a client may be slow to take them
 * @param waiting how many may wait for each of both
 * @param patience for how long each
 */
public record StoreWork(
    ShareBounds atOnce, ShareBounds unsent, ShareBounds waiting, Duration patience) {
  /** Left to reads that are asked for together, so that they always find one. */
  private static final int LEFT_TO_READS = 4;

  private static final int UNSENT = 32;
  private static final int WAITING = 256;

  /** One workspace has at most one part of so many. */
  private static final int WORKSPACE_PARTS = 4;

  /**
   * On a pool of connections that is used by nothing else but reads of settings.
   *
   * @param patience as a request has it for a connection
   */
  public static StoreWork on(int connections, Duration patience) {
    return new StoreWork(
        ShareBounds.parts(Math.max(1, connections - LEFT_TO_READS), WORKSPACE_PARTS),
        ShareBounds.parts(UNSENT, WORKSPACE_PARTS),
        ShareBounds.parts(WAITING, WORKSPACE_PARTS),
        patience);
  }
}
