package dev.workspaceoperator.workspace.port;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** The books of who changed what (design.md §6). */
public interface AuditLog {
  /** The rows of a workspace, newest first. */
  Page<Entry> list(UUID workspaceId, Page.Request request);

  /**
   * One row.
   *
   * @param seq its number in the workspace's chain, from 1
   * @param layer {@code Declared}, {@code Frozen}, {@code Runtime}, {@code Override} or {@code
   *     Platform}
   * @param before the value before as JSON; empty where the layer was silent
   * @param after the value after as JSON; empty where the layer is silent now
   * @param hash lower-case hex; the next row is chained to it
   */
  record Entry(
      long seq,
      Instant time,
      String actor,
      String layer,
      String field,
      Optional<String> before,
      Optional<String> after,
      Optional<String> reason,
      Optional<String> requestId,
      String hash) {}
}
