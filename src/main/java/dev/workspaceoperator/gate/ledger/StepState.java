package dev.workspaceoperator.gate.ledger;

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
public final class StepState {
  private final Identity identity;
  private Optional<Settlement> settlement;
  private boolean changed;

  public StepState(Identity identity, Optional<Settlement> settlement) {
    this.identity = identity;
    this.settlement = settlement;
  }

  public Identity identity() {
    return identity;
  }

  public Optional<Settlement> settlement() {
    return settlement;
  }

  public long reserved() {
    return identity.reserved().micros();
  }

  /** The day that it is booked on (I8). */
  public LocalDate day() {
    return LocalDate.ofInstant(identity.admittedAt(), ZoneOffset.UTC);
  }

  /** Books its real cost. */
  public void settle(MicroUsd cost, Instant now) {
    settlement = Optional.of(new Settlement(cost, now));
    changed = true;
  }

  /** Whether it was settled in this batch. */
  public boolean isChanged() {
    return changed;
  }

  /** As it was answered when it was admitted. */
  public Step asAdmitted() {
    return step(StepStatus.ADMITTED, Optional.empty(), Optional.empty());
  }

  /** As it is, once settled. */
  public Step asSettled() {
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
  public record Identity(
      UUID runId,
      UUID stepId,
      Optional<String> name,
      Map<String, String> labels,
      MicroUsd reserved,
      Instant admittedAt) {}

  /** Its real cost, and when it was booked. */
  public record Settlement(MicroUsd cost, Instant at) {}
}
