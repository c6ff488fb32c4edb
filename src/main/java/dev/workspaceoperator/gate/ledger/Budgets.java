package dev.workspaceoperator.gate.ledger;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.BudgetState;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Usage;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/** The budgets that bear on a run and on a step, each as this batch leaves it so far (I3). */
final class Budgets {
  private final EffectiveSettings settings;
  private final WorkspaceBatch batch;
  private final Optional<Instant> resetsAt;
  private final Optional<Instant> monthResetsAt;

  Budgets(EffectiveSettings settings, WorkspaceBatch batch) {
    this.settings = settings;
    this.batch = batch;
    this.resetsAt = start(batch.today().plusDays(1));
    this.monthResetsAt = start(batch.today().withDayOfMonth(1).plusMonths(1));
  }

  private static Optional<Instant> start(LocalDate day) {
    return Optional.of(day.atStartOfDay(ZoneOffset.UTC).toInstant());
  }

  /** Of a run: that it may cost something, and that there is something left of each budget. */
  Optional<Refusal> refusesRun(String userId, Optional<MicroUsd> maxCost) {
    // A run that may cost nothing could never take a step.
    Optional<BudgetState> own =
        maxCost.map(cap -> ofRun(cap, MicroUsd.ZERO, MicroUsd.ZERO, MicroUsd.ZERO));
    if (own.filter(BudgetState::isExhausted).isPresent()) {
      return own.map(Refusal.RunBudgetExceeded::new);
    }
    BudgetState day = ofDay(MicroUsd.ZERO);
    if (day.isExhausted()) {
      return Optional.of(new Refusal.DailyBudgetExceeded(day));
    }
    Optional<BudgetState> month = ofMonth(MicroUsd.ZERO);
    if (month.filter(BudgetState::isExhausted).isPresent()) {
      return month.map(Refusal.MonthlyBudgetExceeded::new);
    }
    BudgetState user = ofUser(userId, MicroUsd.ZERO);
    return user.isExhausted()
        ? Optional.of(new Refusal.UserDailyBudgetExceeded(user))
        : Optional.empty();
  }

  /** Of a step: that its highest cost fits into each budget. */
  Optional<Refusal> refusesStep(RunState run, MicroUsd cost) {
    Optional<BudgetState> own = ofRun(run, cost);
    if (own.isPresent() && !own.get().admits()) {
      return Optional.of(new Refusal.RunBudgetExceeded(own.get()));
    }
    BudgetState day = ofDay(cost);
    if (!day.admits()) {
      return Optional.of(new Refusal.DailyBudgetExceeded(day));
    }
    Optional<BudgetState> month = ofMonth(cost);
    if (month.isPresent() && !month.get().admits()) {
      return month.map(Refusal.MonthlyBudgetExceeded::new);
    }
    BudgetState user = ofUser(run.userId(), cost);
    return user.admits()
        ? Optional.empty()
        : Optional.of(new Refusal.UserDailyBudgetExceeded(user));
  }

  /** Empty for a run without a cap of its own. */
  static Optional<BudgetState> ofRun(RunState run, MicroUsd asked) {
    return run.identity()
        .maxCost()
        .map(cap -> ofRun(cap, new MicroUsd(run.spent()), new MicroUsd(run.reserved()), asked));
  }

  private static BudgetState ofRun(
      MicroUsd cap, MicroUsd spent, MicroUsd reserved, MicroUsd asked) {
    return new BudgetState(new Budget(cap.micros()), spent, reserved, asked, Optional.empty());
  }

  BudgetState ofDay(MicroUsd asked) {
    return state(settings.budget(Setting.DAILY_BUDGET).value(), batch.todaysBalance(), asked);
  }

  /** Empty where there is none: then nobody has read what the month's other days have used. */
  Optional<BudgetState> ofMonth(MicroUsd asked) {
    Budget limit = settings.budget(Setting.MONTHLY_BUDGET).value();
    if (limit.isUnlimited()) {
      return Optional.empty();
    }
    Usage.Month used = batch.month();
    return Optional.of(new BudgetState(limit, used.spent(), used.reserved(), asked, monthResetsAt));
  }

  BudgetState ofUser(String userId, MicroUsd asked) {
    return state(
        settings.budget(Setting.USER_DAILY_BUDGET).value(),
        batch.userBalance(userId, batch.today()),
        asked);
  }

  private BudgetState state(Budget limit, DayBalance balance, MicroUsd asked) {
    return new BudgetState(
        limit, new MicroUsd(balance.spent()), new MicroUsd(balance.reserved()), asked, resetsAt);
  }
}
