package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.MicroUsd;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A run that is asked for; its values are within the bounds of design.md §6.
 *
 * @param workspaceId where
 * @param userId for whom, 1..256 code points
 * @param leaseSeconds how long it may go on after its start and after each heartbeat, 5..3600
 * @param maxCost its own cap, if any
 * @param labels at most 8
 * @param idempotency the caller's name for this effect
 */
public record RunDraft(
    UUID workspaceId,
    String userId,
    int leaseSeconds,
    Optional<MicroUsd> maxCost,
    Map<String, String> labels,
    Optional<IdempotencyKey> idempotency) {
  public RunDraft {
    labels = Map.copyOf(labels);
  }
}
