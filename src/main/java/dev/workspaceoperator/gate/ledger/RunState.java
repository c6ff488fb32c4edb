package dev.workspaceoperator.gate.ledger;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunBlock;
import dev.workspaceoperator.workspace.RunStatus;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** A run within a batch: as the store has it, and as the batch leaves it. */
public final class RunState {
  private final Identity identity;
  private final boolean whole;
  private final TreeMap<LocalDate, DayBalance> books = new TreeMap<>();
  private RunStatus status;
  private Instant leaseExpiresAt;
  private Optional<Instant> finishedAt;
  private Optional<Cancellation> cancellation = Optional.empty();
  private boolean changed;

  private RunState(
      Identity identity,
      boolean whole,
      RunStatus status,
      Instant leaseExpiresAt,
      Optional<Instant> finishedAt) {
    this.identity = identity;
    this.whole = whole;
    this.status = status;
    this.leaseExpiresAt = leaseExpiresAt;
    this.finishedAt = finishedAt;
  }

  /** One that the store has; all its books are put in after. */
  public static RunState stored(
      Identity identity, RunStatus status, Instant leaseExpiresAt, Optional<Instant> finishedAt) {
    return new RunState(identity, true, status, leaseExpiresAt, finishedAt);
  }

  /** One that the store has, and whose books bear on nothing that is to be decided. */
  public static RunState withoutBooks(
      Identity identity, RunStatus status, Instant leaseExpiresAt, Optional<Instant> finishedAt) {
    return new RunState(identity, false, status, leaseExpiresAt, finishedAt);
  }

  /** One that starts now. */
  public static RunState started(Identity identity) {
    RunState run =
        new RunState(identity, true, RunStatus.RUNNING, identity.firstLeaseEnd(), Optional.empty());
    run.changed = true;
    return run;
  }

  public Identity identity() {
    return identity;
  }

  public UUID id() {
    return identity.runId();
  }

  public String userId() {
    return identity.userId();
  }

  public RunStatus status() {
    return status;
  }

  public boolean isRunning() {
    return status == RunStatus.RUNNING;
  }

  public Instant leaseExpiresAt() {
    return leaseExpiresAt;
  }

  public Optional<Instant> finishedAt() {
    return finishedAt;
  }

  public Optional<Cancellation> cancellation() {
    return cancellation;
  }

  /** Its books of each day that is known of it. */
  public Map<LocalDate, DayBalance> books() {
    return books;
  }

  /** Its books of a day; empty ones if it has none. */
  public DayBalance book(LocalDate day) {
    return books.computeIfAbsent(day, _ -> whole ? DayBalance.empty() : DayBalance.unread());
  }

  public long spent() {
    requireWhole();
    long sum = 0;
    for (DayBalance book : books.values()) {
      sum = Math.addExact(sum, book.spent());
    }
    return sum;
  }

  public long reserved() {
    requireWhole();
    long sum = 0;
    for (DayBalance book : books.values()) {
      sum = Math.addExact(sum, book.reserved());
    }
    return sum;
  }

  /** Lets it go on for another lease. */
  public void renew(Instant now) {
    leaseExpiresAt = now.plusSeconds(identity.leaseSeconds());
    changed = true;
  }

  /** Ends it. */
  public void end(RunStatus how, Instant now, Optional<Cancellation> by) {
    requireWhole();
    status = how;
    finishedAt = Optional.of(now);
    cancellation = by;
    changed = true;
  }

  private void requireWhole() {
    if (!whole) {
      throw new IllegalStateException("the books of run %s were not read".formatted(id()));
    }
  }

  /** Whether its own row is new or has changed. */
  public boolean isChanged() {
    return changed;
  }

  /** As it was answered when it was admitted, whatever has become of it since. */
  public Run asStarted() {
    return new Run(
        identity.runId(),
        identity.userId(),
        identity.labels(),
        RunStatus.RUNNING,
        identity.startedAt(),
        identity.firstLeaseEnd(),
        Optional.empty(),
        identity.maxCost(),
        MicroUsd.ZERO,
        MicroUsd.ZERO,
        Optional.empty());
  }

  /** As it is. */
  public Run toRun(Optional<RunBlock> blocked) {
    return new Run(
        identity.runId(),
        identity.userId(),
        identity.labels(),
        status,
        identity.startedAt(),
        leaseExpiresAt,
        finishedAt,
        identity.maxCost(),
        new MicroUsd(spent()),
        new MicroUsd(reserved()),
        blocked);
  }

  /**
   * What of a run never changes.
   *
   * @param runId UUIDv7
   * @param userId for whom it runs
   * @param labels as given
   * @param leaseSeconds how long it may go on after a heartbeat
   * @param maxCost its own cap
   * @param startedAt when it was admitted
   */
  public record Identity(
      UUID runId,
      String userId,
      Map<String, String> labels,
      int leaseSeconds,
      Optional<MicroUsd> maxCost,
      Instant startedAt) {
    Instant firstLeaseEnd() {
      return startedAt.plusSeconds(leaseSeconds);
    }
  }

  /** Who cancelled it, and why. */
  public record Cancellation(String reason, String actor) {}
}
