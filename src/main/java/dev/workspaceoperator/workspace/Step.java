package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A step as it was at one instant.
 *
 * @param id UUIDv7 from the database's clock
 * @param runId its run
 * @param name as its client gave it
 * @param labels as its client gave them
 * @param status where it is in its life
 * @param reserved its highest cost, as admitted
 * @param cost what is booked; empty while it is only reserved
 * @param admittedAt when it was admitted; its UTC day is the day that it is booked on (I8)
 * @param settledAt when its real cost was booked
 */
public record Step(
    UUID id,
    UUID runId,
    Optional<String> name,
    Map<String, String> labels,
    StepStatus status,
    MicroUsd reserved,
    Optional<MicroUsd> cost,
    Instant admittedAt,
    Optional<Instant> settledAt) {
  public Step {
    labels = Map.copyOf(labels);
  }
}
