package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A run as it was at one instant.
 *
 * @param id UUIDv7 from the database's clock
 * @param userId for whom it runs
 * @param labels as its client gave them
 * @param status where it is in its life
 * @param startedAt when it was admitted
 * @param leaseExpiresAt when it expires unless a heartbeat comes, exclusive
 * @param finishedAt when it ended, in whatever way
 * @param maxCost its own cap, if it has one
 * @param spent settled and charged cost of its steps, on whatever day
 * @param reserved highest cost of its steps that are still open
 * @param blocked what would stop its next step
 */
public record Run(
    UUID id,
    String userId,
    Map<String, String> labels,
    RunStatus status,
    Instant startedAt,
    Instant leaseExpiresAt,
    Optional<Instant> finishedAt,
    Optional<MicroUsd> maxCost,
    MicroUsd spent,
    MicroUsd reserved,
    Optional<RunBlock> blocked) {
  public Run {
    labels = Map.copyOf(labels);
  }
}
