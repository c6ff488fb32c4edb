package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A call that is asked for; its values are within the bounds of design.md §6.
 *
 * @param workspaceId where
 * @param userId for whom, 1..256 code points
 * @param leaseSeconds how long it may go on without being settled, 5..3600
 * @param maxCost the highest that it can cost; empty for the configured default
 * @param name at most 200 code points
 * @param labels at most 8
 * @param idempotency the caller's name for this effect
 */
public record CallDraft(
    UUID workspaceId,
    String userId,
    int leaseSeconds,
    Optional<MicroUsd> maxCost,
    Optional<String> name,
    Map<String, String> labels,
    Optional<IdempotencyKey> idempotency) {
  public CallDraft {
    labels = Map.copyOf(labels);
  }

  /** Those of its run, by which it is told as a call. */
  public Map<String, String> runLabels() {
    Map<String, String> all = new TreeMap<>(labels);
    all.put(Call.LABEL, "true");
    return all;
  }
}
