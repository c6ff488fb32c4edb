package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.KillLatch;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What a resource's status tells of its workspace and the store does not know: the database is
 * older than what was in force, as after a backup was restored, or it is another one.
 *
 * @param workspaceId the id that status has
 * @param head the newest audit row that status knew of
 * @param latches the kill latches of the REST API and of the installation that status shows, and
 *     that the store neither holds nor has ever released
 * @param told all of it, in sentences for a person
 */
public record LostHistory(UUID workspaceId, AuditHead head, List<KillLatch> latches, String told) {
  public LostHistory {
    latches = List.copyOf(latches);
  }

  /**
   * A question to the store.
   *
   * @param workspaceId whose chain
   * @param head a row that it should have
   * @param platformSince when the installation's kill switch was engaged; {@link Instant#EPOCH} if
   *     that is not asked
   */
  public record Question(UUID workspaceId, AuditHead head, Instant platformSince) {}

  /**
   * The store's answer.
   *
   * @param hasHead whether the chain has that row
   * @param hasPlatform whether the installation's chain tells of that time
   */
  public record Answer(boolean hasHead, boolean hasPlatform) {}
}
