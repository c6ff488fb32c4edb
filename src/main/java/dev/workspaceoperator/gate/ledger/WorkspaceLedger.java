package dev.workspaceoperator.gate.ledger;

import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.RunStanding;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.CallDraft;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.StepDraft;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Decides what is asked of one workspace within one batch, in order, upon what was read under the
 * workspace's lock. Pure: it reads no clock and no store; what it changes stands on its {@link
 * WorkspaceBatch}.
 */
public final class WorkspaceLedger {
  /** How long after its run's end a step's charge can be corrected (design.md §6). */
  static final Duration LATE_SETTLE = Duration.ofDays(7);

  private final WorkspaceState workspace;
  private final WorkspaceBatch batch;
  private final DecisionIds ids;
  private final MicroUsd defaultReservation;
  private final Instant now;
  private final LocalDate today;
  private final Budgets budgets;
  private int expired;
  private int overcharges;
  private long overchargedMicroUsd;

  public WorkspaceLedger(
      WorkspaceState workspace,
      WorkspaceBatch batch,
      DecisionIds ids,
      MicroUsd defaultReservation) {
    this.workspace = workspace;
    this.batch = batch;
    this.ids = ids;
    this.defaultReservation = defaultReservation;
    this.now = workspace.now();
    this.today = batch.today();
    this.budgets = new Budgets(workspace.settings(), batch);
  }

  public WorkspaceState workspace() {
    return workspace;
  }

  public WorkspaceBatch batch() {
    return batch;
  }

  /** Expires every run that was read and whose lease has ended; comes before all decisions. */
  public void expireDeadRuns() {
    for (RunState run : batch.runs()) {
      if (run.isRunning() && !now.isBefore(run.leaseExpiresAt())) {
        end(run, RunStatus.EXPIRED, Optional.empty());
        expired++;
      }
    }
  }

  /** How many runs this batch has expired. */
  public int expired() {
    return expired;
  }

  /** How many costs this batch has settled above their reservation. */
  public int overcharges() {
    return overcharges;
  }

  /** By how much, in all. */
  public long overchargedMicroUsd() {
    return overchargedMicroUsd;
  }

  /** Decides {@link dev.workspaceoperator.workspace.port.Admissions#start}. */
  public Outcome<Created<Run>> start(RunDraft draft) {
    Optional<KeptAnswer> kept = draft.idempotency().flatMap(batch::kept);
    if (kept.isPresent()) {
      return replay(draft.idempotency(), kept.get(), KeptAnswer.RUN, this::asStarted);
    }
    Optional<Refusal> refusal =
        closed().or(this::noSlot).or(() -> budgets.refusesRun(draft.userId(), draft.maxCost()));
    if (refusal.isPresent()) {
      return Outcome.refused(refusal.get());
    }
    RunState run =
        RunState.started(
            new RunState.Identity(
                ids.next(now),
                draft.userId(),
                draft.labels(),
                draft.leaseSeconds(),
                draft.maxCost(),
                now));
    batch.addRun(run);
    keep(draft.idempotency(), KeptAnswer.RUN, run.id());
    return Outcome.done(new Created<>(run.asStarted(), false));
  }

  /** Decides {@link dev.workspaceoperator.workspace.port.Admissions#step}. */
  public Outcome<Created<Step>> step(StepDraft draft) {
    Optional<RunState> found = batch.run(draft.run());
    if (found.isEmpty()) {
      return Outcome.refused(new Refusal.NotFound());
    }
    Optional<KeptAnswer> kept = draft.idempotency().flatMap(batch::kept);
    if (kept.isPresent()) {
      return replay(draft.idempotency(), kept.get(), KeptAnswer.STEP, this::asAdmitted);
    }
    RunState run = found.get();
    MicroUsd cost = draft.maxCost().orElse(defaultReservation);
    Optional<Refusal> refusal =
        closed().or(() -> ended(run)).or(() -> budgets.refusesStep(run, cost));
    if (refusal.isPresent()) {
      return Outcome.refused(refusal.get());
    }
    book(run, today, 0, cost.micros());
    StepState step =
        new StepState(
            new StepState.Identity(
                run.id(), ids.next(now), draft.name(), draft.labels(), cost, now),
            Optional.empty());
    batch.addStep(step);
    keep(draft.idempotency(), KeptAnswer.STEP, step.identity().stepId());
    return Outcome.done(new Created<>(step.asAdmitted(), false));
  }

  /** Decides {@link dev.workspaceoperator.workspace.port.Admissions#call}. */
  public Outcome<Created<Call>> call(CallDraft draft) {
    Optional<KeptAnswer> kept = draft.idempotency().flatMap(batch::kept);
    if (kept.isPresent()) {
      return replay(draft.idempotency(), kept.get(), KeptAnswer.CALL, this::asCalled);
    }
    MicroUsd cost = draft.maxCost().orElse(defaultReservation);
    UUID id = ids.next(now);
    RunState run =
        RunState.started(
            new RunState.Identity(
                id,
                draft.userId(),
                draft.runLabels(),
                draft.leaseSeconds(),
                Optional.empty(),
                now));
    Optional<Refusal> refusal =
        closed()
            .or(this::noSlot)
            .or(() -> budgets.refusesRun(draft.userId(), Optional.empty()))
            .or(() -> budgets.refusesStep(run, cost));
    if (refusal.isPresent()) {
      return Outcome.refused(refusal.get());
    }
    batch.addRun(run);
    book(run, today, 0, cost.micros());
    batch.addStep(
        new StepState(
            new StepState.Identity(id, id, draft.name(), draft.labels(), cost, now),
            Optional.empty()));
    keep(draft.idempotency(), KeptAnswer.CALL, id);
    return Outcome.done(new Created<>(asCalled(id), false));
  }

  /** Decides {@link dev.workspaceoperator.workspace.port.Admissions#settleCall}. */
  public Outcome<Call> settleCall(RunRef ref, MicroUsd cost, RunOutcome outcome) {
    return switch (settle(ref, ref.runId(), cost)) {
      case Outcome.Refused<Step>(Refusal refusal) -> Outcome.refused(refusal);
      case Outcome.Done<Step>(Step step) -> {
        RunState run = batch.run(ref).orElseThrow();
        if (run.isRunning()) {
          end(run, outcome.status(), Optional.empty());
        }
        yield Outcome.done(new Call(view(run), step));
      }
    };
  }

  /** Decides {@link dev.workspaceoperator.workspace.port.Admissions#settle}. */
  public Outcome<Step> settle(RunRef ref, UUID stepId, MicroUsd cost) {
    Optional<RunState> found = batch.run(ref);
    Optional<StepState> known = found.flatMap(run -> batch.step(run.id(), stepId));
    if (known.isEmpty()) {
      return Outcome.refused(new Refusal.NotFound());
    }
    RunState run = found.get();
    StepState step = known.get();
    if (step.settlement().isPresent()) {
      MicroUsd booked = step.settlement().get().cost();
      return booked.equals(cost)
          ? Outcome.done(step.asSettled())
          : Outcome.refused(new Refusal.StepAlreadySettled(booked));
    }
    if (run.isRunning()) {
      book(run, step.day(), cost.micros(), -step.reserved());
    } else {
      Instant closedAt = run.finishedAt().orElseThrow().plus(LATE_SETTLE);
      if (now.isAfter(closedAt)) {
        return Outcome.refused(new Refusal.StepClosed(closedAt));
      }
      book(run, step.day(), cost.micros() - step.reserved(), 0);
    }
    step.settle(cost, now);
    if (cost.micros() > step.reserved()) {
      overcharges++;
      overchargedMicroUsd += cost.micros() - step.reserved();
    }
    return Outcome.done(step.asSettled());
  }

  /** Decides {@link dev.workspaceoperator.workspace.port.Admissions#heartbeat}. */
  public Outcome<Run> heartbeat(RunRef ref) {
    Optional<RunState> found = batch.run(ref);
    if (found.isEmpty()) {
      return Outcome.refused(new Refusal.NotFound());
    }
    RunState run = found.get();
    if (run.isRunning()) {
      run.renew(now);
    }
    return Outcome.done(view(run));
  }

  /** Decides {@link dev.workspaceoperator.workspace.port.Admissions#finish}. */
  public Outcome<Run> finish(RunRef ref, RunOutcome outcome) {
    Optional<RunState> found = batch.run(ref);
    if (found.isEmpty()) {
      return Outcome.refused(new Refusal.NotFound());
    }
    RunState run = found.get();
    if (run.isRunning()) {
      end(run, outcome.status(), Optional.empty());
    }
    return run.status() == outcome.status()
        ? Outcome.done(view(run))
        : Outcome.refused(new Refusal.RunNotRunning(run.status()));
  }

  /** Decides {@link dev.workspaceoperator.workspace.port.Admissions#cancel}. */
  public Outcome<Run> cancel(RunRef ref, String reason, Actor actor) {
    Optional<RunState> found = batch.run(ref);
    if (found.isEmpty()) {
      return Outcome.refused(new Refusal.NotFound());
    }
    if (workspace.state() == StoredWorkspace.State.ARCHIVED) {
      return Outcome.refused(new Refusal.Archived());
    }
    RunState run = found.get();
    if (run.isRunning()) {
      end(run, RunStatus.CANCELLED, Optional.of(new RunState.Cancellation(reason, actor.name())));
    }
    return Outcome.done(view(run));
  }

  private Optional<Refusal> closed() {
    if (workspace.state() == StoredWorkspace.State.ARCHIVED) {
      return Optional.of(new Refusal.Archived());
    }
    return workspace.killSwitch().strongest().map(Refusal.KillSwitchActive::new);
  }

  private Optional<Refusal> noSlot() {
    int limit = workspace.settings().count(Setting.MAX_CONCURRENT_RUNS).value();
    int active = workspace.activeRuns() + batch.slotChange();
    return active < limit
        ? Optional.empty()
        : Optional.of(new Refusal.MaxConcurrentRunsExceeded(limit, active));
  }

  private static Optional<Refusal> ended(RunState run) {
    return switch (run.status()) {
      case RUNNING -> Optional.empty();
      case CANCELLED -> Optional.of(new Refusal.RunCancelled());
      case SUCCEEDED, FAILED, EXPIRED -> Optional.of(new Refusal.RunNotRunning(run.status()));
    };
  }

  /** Charges what is open in full: the steps themselves are not touched, and count so from now. */
  private void end(RunState run, RunStatus how, Optional<RunState.Cancellation> by) {
    run.end(how, now, by);
    batch.releaseSlot();
    run.books()
        .forEach((day, book) -> {
          long open = book.reserved();
          if (open != 0) {
            book(run, day, open, -open);
          }
        });
  }

  /** Moves the books of a day of the run, of its user and of the workspace, together. */
  private void book(RunState run, LocalDate day, long spent, long reserved) {
    run.book(day).add(spent, reserved);
    batch.userBalance(run.userId(), day).add(spent, reserved);
    batch.dayBalance(day).add(spent, reserved);
  }

  /** A run as it is now, with what stops it. */
  public Run view(RunState run) {
    return run.toRun(
        new RunStanding(
                run.status(),
                workspace.state(),
                workspace.killSwitch(),
                Budgets.ofRun(run, MicroUsd.ZERO),
                budgets.ofDay(MicroUsd.ZERO),
                budgets.ofMonth(MicroUsd.ZERO),
                budgets.ofUser(run.userId(), MicroUsd.ZERO))
            .blocked());
  }

  /** One key, one effect (I6): another request under the key is refused, the same one answered. */
  private static <T> Outcome<Created<T>> replay(
      Optional<IdempotencyKey> key, KeptAnswer kept, String kind, Function<UUID, T> answer) {
    return key.filter(it -> kept.isOf(it.fingerprint(), kind)).isPresent()
        ? Outcome.done(new Created<>(answer.apply(kept.effectId()), true))
        : Outcome.refused(new Refusal.IdempotencyKeyReused());
  }

  private void keep(Optional<IdempotencyKey> key, String kind, UUID effectId) {
    key.ifPresent(it -> batch.keep(it.key(), new KeptAnswer(it.fingerprint(), kind, effectId)));
  }

  private Run asStarted(UUID runId) {
    return batch.knownRun(runId).orElseThrow().asStarted();
  }

  private Call asCalled(UUID id) {
    return new Call(asStarted(id), asAdmitted(id));
  }

  private Step asAdmitted(UUID stepId) {
    return batch.knownStep(stepId).orElseThrow().asAdmitted();
  }
}
