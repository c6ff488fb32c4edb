package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.MicroUsd;
import java.util.Map;
import java.util.Optional;

/**
 * A step that is asked for; its values are within the bounds of design.md §6.
 *
 * @param run of which run
 * @param maxCost the highest that it can cost; empty for the configured default
 * @param name at most 200 code points
 * @param labels at most 8
 * @param idempotency the caller's name for this effect
 */
public record StepDraft(
    RunRef run,
    Optional<MicroUsd> maxCost,
    Optional<String> name,
    Map<String, String> labels,
    Optional<IdempotencyKey> idempotency) {
  public StepDraft {
    labels = Map.copyOf(labels);
  }
}
