package dev.workspaceoperator.gate;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.StepStatus;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A step within a batch: as the store has it, and as the batch leaves it. */
final class StepState {
  private final Identity identity;
  private Optional<Settlement> settlement;
  private boolean changed;

  StepState(Identity identity, Optional<Settlement> settlement) {
    this.identity = identity;
    this.settlement = settlement;
  }

  Identity identity() {
    return identity;
  }

  Optional<Settlement> settlement() {
    return settlement;
  }

  long reserved() {
    return identity.reserved().micros();
  }

  /** The day that it is booked on (I8). */
  LocalDate day() {
    return LocalDate.ofInstant(identity.admittedAt(), ZoneOffset.UTC);
  }

  /** Books its real cost. */
  void settle(MicroUsd cost, Instant now) {
    settlement = Optional.of(new Settlement(cost, now));
    changed = true;
  }

  /** Whether it was settled in this batch. */
  boolean isChanged() {
    return changed;
  }

  /** As it was answered when it was admitted. */
  Step asAdmitted() {
    return step(StepStatus.ADMITTED, Optional.empty(), Optional.empty());
  }

  /** As it is, once settled. */
  Step asSettled() {
    Settlement settled = settlement.orElseThrow();
    return step(StepStatus.SETTLED, Optional.of(settled.cost()), Optional.of(settled.at()));
  }

  private Step step(StepStatus status, Optional<MicroUsd> cost, Optional<Instant> settledAt) {
    return new Step(
        identity.stepId(),
        identity.runId(),
        identity.name(),
        identity.labels(),
        status,
        identity.reserved(),
        cost,
        identity.admittedAt(),
        settledAt);
  }

  /**
   * What of a step never changes.
   *
   * @param runId its run
   * @param stepId UUIDv7
   * @param name as given
   * @param labels as given
   * @param reserved its highest cost
   * @param admittedAt when it was admitted
   */
  record Identity(
      UUID runId,
      UUID stepId,
      Optional<String> name,
      Map<String, String> labels,
      MicroUsd reserved,
      Instant admittedAt) {}

  /** Its real cost, and when it was booked. */
  record Settlement(MicroUsd cost, Instant at) {}
}
