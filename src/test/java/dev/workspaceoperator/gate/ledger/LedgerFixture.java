package dev.workspaceoperator.gate.ledger;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.EffectiveValue;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.StepDraft;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;

/** A workspace under its lock, for decisions without a database. Amounts are in micro-USD. */
final class LedgerFixture {
  static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");
  static final LocalDate TODAY = LocalDate.of(2026, 3, 10);
  static final UUID WORKSPACE = new UUID(1, 1);
  static final String USER = "ada";

  private StoredWorkspace.State state = StoredWorkspace.State.PRESENT;
  private Budget daily = Budget.UNLIMITED;
  private Budget user = Budget.UNLIMITED;
  private Budget month = Budget.UNLIMITED;
  private Usage.Month earlier = new Usage.Month(MicroUsd.ZERO, MicroUsd.ZERO);
  private final Map<Setting, EffectiveValue<?>> others = new EnumMap<>(Setting.class);
  private int cap = 10;
  private int active;
  private KillSwitch killSwitch = KillSwitch.OFF;
  private DayBalance today = DayBalance.empty();
  private Instant now = NOW;

  LedgerFixture archived() {
    state = StoredWorkspace.State.ARCHIVED;
    return this;
  }

  LedgerFixture daily(long micros) {
    daily = new Budget(micros);
    return this;
  }

  LedgerFixture user(long micros) {
    user = new Budget(micros);
    return this;
  }

  /** With this much used on the days of the month before today. */
  LedgerFixture month(long micros, long spentEarlier, long reservedEarlier) {
    month = new Budget(micros);
    earlier = new Usage.Month(new MicroUsd(spentEarlier), new MicroUsd(reservedEarlier));
    return this;
  }

  /** With this budget, whichever it is. */
  LedgerFixture budget(Setting setting, long micros) {
    others.put(setting, EffectiveValue.of(new Budget(micros), Source.RUNTIME));
    return this;
  }

  LedgerFixture slots(int activeRuns, int of) {
    active = activeRuns;
    cap = of;
    return this;
  }

  LedgerFixture killed() {
    killSwitch =
        new KillSwitch(
            List.of(new KillLatch(KillLatch.Holder.RUNTIME, NOW, Optional.of("incident"))));
    return this;
  }

  LedgerFixture used(long spent, long reserved) {
    today = DayBalance.of(spent, reserved);
    return this;
  }

  LedgerFixture at(Instant time) {
    now = time;
    return this;
  }

  WorkspaceLedger ledger() {
    Map<Setting, EffectiveValue<?>> inForce = new EnumMap<>(Setting.class);
    inForce.put(Setting.DAILY_BUDGET, EffectiveValue.of(daily, Source.RUNTIME));
    inForce.put(Setting.USER_DAILY_BUDGET, EffectiveValue.of(user, Source.RUNTIME));
    inForce.put(Setting.MONTHLY_BUDGET, EffectiveValue.of(month, Source.RUNTIME));
    inForce.put(Setting.MAX_CONCURRENT_RUNS, EffectiveValue.of(cap, Source.RUNTIME));
    inForce.putAll(others);
    EffectiveSettings settings =
        TestSettings.effective(inForce, EffectiveValue.of(killSwitch.active(), Source.RUNTIME));
    return new WorkspaceLedger(
        new WorkspaceState(WORKSPACE, state, settings, killSwitch, active, now),
        new WorkspaceBatch(LocalDate.ofInstant(now, ZoneOffset.UTC), today, earlier),
        new DecisionIds(new SplittableRandom(1)),
        new MicroUsd(10_000));
  }

  static RunState running(Optional<MicroUsd> maxCost) {
    return stored(RunStatus.RUNNING, NOW.plusSeconds(10), Optional.empty(), maxCost);
  }

  static RunState ended(RunStatus status, Instant finishedAt) {
    return stored(status, finishedAt, Optional.of(finishedAt), Optional.empty());
  }

  private static RunState stored(
      RunStatus status,
      Instant leaseEnd,
      Optional<Instant> finishedAt,
      Optional<MicroUsd> maxCost) {
    return RunState.stored(
        new RunState.Identity(UUID.randomUUID(), USER, Map.of(), 30, maxCost, NOW.minusSeconds(20)),
        status,
        leaseEnd,
        finishedAt);
  }

  static StepState open(RunState run, long reserved, Instant admittedAt) {
    return new StepState(
        new StepState.Identity(
            run.id(),
            UUID.randomUUID(),
            Optional.empty(),
            Map.of(),
            new MicroUsd(reserved),
            admittedAt),
        Optional.empty());
  }

  static RunState enter(WorkspaceLedger ledger, RunState run) {
    ledger.batch().enter(run);
    return run;
  }

  static RunRef ref(UUID runId) {
    return RunRef.of(WORKSPACE, runId);
  }

  static RunDraft start(Optional<IdempotencyKey> key) {
    return new RunDraft(WORKSPACE, USER, 30, Optional.empty(), Map.of(), key);
  }

  static StepDraft step(RunState run, long cost) {
    return new StepDraft(
        ref(run.id()),
        Optional.of(new MicroUsd(cost)),
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }
}
