package dev.workspaceoperator.http.server;

import dev.workspaceoperator.http.server.Problem.FieldError;
import dev.workspaceoperator.workspace.BudgetState;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Turns what the rules refuse into problems; the only place that does. */
public final class RefusalProblems {
  private static final Duration RETRY_RUNS = Duration.ofSeconds(1);
  private static final Duration RETRY_RESERVATIONS = Duration.ofSeconds(5);

  private RefusalProblems() {}

  /**
   * What was done.
   *
   * @throws ProblemException if it was refused
   */
  public static <T> T orThrow(Outcome<T> outcome, String thing) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> value;
      case Outcome.Refused<T>(Refusal refusal) -> throw new ProblemException(of(refusal, thing));
    };
  }

  /**
   * The problem of a refusal.
   *
   * @param thing what is not there if it is {@code NOT_FOUND}
   */
  public static Problem of(Refusal refusal, String thing) {
    return switch (refusal) {
      case Refusal.NotFound _ -> Exchange.notFound(thing).problem();
      case Refusal.PreconditionFailed _ ->
          Problem.of(
              ProblemCode.PRECONDITION_FAILED,
              "The workspace has changed since it had the ETag of If-Match, or has one of If-None-Match. Read it again, and decide anew.");
      case Refusal.ManagedDeclaratively it -> managed(it);
      case Refusal.PlanTooLow it -> planTooLow(it.refusals());
      case Refusal.KillSwitchHeld it -> held(it);
      case Refusal.Archived _ ->
          Problem.of(
              ProblemCode.WORKSPACE_ARCHIVED,
              "The resource of this workspace was deleted, and the workspace is archived. Its books can be read; nothing is changed or admitted.");
      case Refusal.IdempotencyKeyReused _ ->
          Problem.of(
              ProblemCode.IDEMPOTENCY_KEY_REUSED,
              "The Idempotency-Key stands for another request of the last 72 hours. Use a new one.");
      case Refusal.KillSwitchActive it ->
          latch(
              Problem.of(
                  ProblemCode.KILL_SWITCH_ACTIVE,
                  "The kill switch of %s is on. Nothing starts until whoever engaged it releases it."
                      .formatted(
                          it.latch().holder() == KillLatch.Holder.PLATFORM
                              ? "the whole installation"
                              : "this workspace")),
              it.latch());
      case Refusal.RunNotRunning it ->
          Problem.of(
              ProblemCode.RUN_NOT_RUNNING,
              "The run has ended: it is %s. Start another one.".formatted(it.status().label()));
      case Refusal.RunCancelled _ ->
          Problem.of(ProblemCode.RUN_CANCELLED, "The run was cancelled. Stop its work.");
      case Refusal.MaxConcurrentRunsExceeded it when it.limit() == 0 ->
          Problem.of(
                  ProblemCode.MAX_CONCURRENT_RUNS_EXCEEDED,
                  "The workspace allows no run: its max_concurrent_runs is 0. Have it raised.")
              .retryAfter(RETRY_RUNS);
      case Refusal.MaxConcurrentRunsExceeded it ->
          Problem.of(
                  ProblemCode.MAX_CONCURRENT_RUNS_EXCEEDED,
                  "%d runs are running, and the workspace allows %d. Finish one, or wait."
                      .formatted(it.active(), it.limit()))
              .retryAfter(RETRY_RUNS);
      case Refusal.RunBudgetExceeded it ->
          budget(
              ProblemCode.RUN_BUDGET_EXCEEDED,
              "The run",
              "make the step cheaper",
              Period.RUN,
              it.budget());
      case Refusal.DailyBudgetExceeded it ->
          budget(
              ProblemCode.DAILY_BUDGET_EXCEEDED,
              "The workspace",
              "have the daily budget raised",
              Period.DAY,
              it.budget());
      case Refusal.MonthlyBudgetExceeded it ->
          budget(
              ProblemCode.MONTHLY_BUDGET_EXCEEDED,
              "The workspace",
              "have the monthly budget raised",
              Period.MONTH,
              it.budget());
      case Refusal.UserDailyBudgetExceeded it ->
          budget(
              ProblemCode.USER_DAILY_BUDGET_EXCEEDED,
              "The user",
              "have the users' daily budget raised",
              Period.DAY,
              it.budget());
      case Refusal.StepAlreadySettled it ->
          Problem.of(
              ProblemCode.STEP_ALREADY_SETTLED,
              "The step was settled with %s US dollars. A settled cost is final."
                  .formatted(it.cost()));
      case Refusal.StepClosed it ->
          Problem.of(
              ProblemCode.STEP_CLOSED,
              "The step could be settled until %s. It was charged its reservation, and that is final."
                  .formatted(it.closedAt()));
    };
  }

  private static Problem managed(Refusal.ManagedDeclaratively refusal) {
    String manifest = refusal.manifest().namespacedName();
    List<String> fields = refusal.fields();
    List<Optional<Setting>> settings = fields.stream().map(Setting::ofRestName).toList();
    boolean areSettings = settings.stream().allMatch(Optional::isPresent);
    String specNames =
        areSettings
            ? settings.stream()
                .map(setting -> "spec." + setting.orElseThrow().specName())
                .collect(Collectors.joining(", "))
            : "spec.apiKeys";
    Problem problem =
        Problem.of(
                ProblemCode.FIELD_MANAGED_DECLARATIVELY,
                "The manifest %s declares %s. Change %s there, or remove it from there first."
                    .formatted(manifest, String.join(", ", fields), specNames))
            .with("field", fields.getFirst())
            .with("declared_by", manifest);
    return areSettings
        ? problem.withErrors(
            settings.stream()
                .map(Optional::orElseThrow)
                .map(setting ->
                    new FieldError(
                        Pointers.member(setting.restName()),
                        "The manifest %s declares it as spec.%s."
                            .formatted(manifest, setting.specName())))
                .toList())
        : problem;
  }

  private static Problem planTooLow(List<PlanRefusal> refusals) {
    PlanRefusal first = refusals.getFirst();
    String detail =
        refusals.stream()
            .map(refusal ->
                "%s needs plan %s or higher".formatted(refusal.restField(), refusal.requiredPlan()))
            .collect(Collectors.joining(", "));
    return Problem.of(
            ProblemCode.PLAN_UPGRADE_REQUIRED,
            detail + ", and this workspace's plan is %s.".formatted(first.plan()))
        .with("field", first.restField())
        .with("plan", first.plan().label())
        .with("required_plan", first.requiredPlan().label())
        .withErrors(refusals.stream().map(RefusalProblems::planError).toList());
  }

  private static FieldError planError(PlanRefusal refusal) {
    // Of the kill switch's own request, the member is "active".
    String member = Setting.ofRestName(refusal.restField()).map(Setting::restName).orElse("active");
    return new FieldError(
        Pointers.member(member),
        "It needs plan %s or higher, and this workspace's plan is %s."
            .formatted(refusal.requiredPlan(), refusal.plan()));
  }

  private static Problem held(Refusal.KillSwitchHeld refusal) {
    Problem problem =
        refusal.latch().holder() == KillLatch.Holder.PLATFORM
            ? Problem.of(
                ProblemCode.KILL_SWITCH_PLATFORM,
                "An administrator has stopped the whole installation, and only an administrator releases it.")
            : Problem.of(
                ProblemCode.KILL_SWITCH_DECLARED,
                "The manifest %s holds the kill switch. Set spec.killSwitch to false there%s."
                    .formatted(
                        refusal.manifest().namespacedName(),
                        refusal.others().contains(KillLatch.Holder.RUNTIME)
                            ? ", then release it here again: it was engaged by the API too"
                            : ""));
    return latch(problem, refusal.latch());
  }

  private static Problem latch(Problem problem, KillLatch latch) {
    return problem
        .with("latch", latch.holder().source().label())
        .with("reason", latch.reason().orElse(null))
        .with("since", latch.since());
  }

  /** What a budget is of, as sentences say it. */
  private enum Period {
    DAY("day", "today"),
    MONTH("month", "this month"),
    RUN("run", "of its max_cost_usd");

    private final String name;
    private final String left;

    Period(String name, String left) {
      this.name = name;
      this.left = left;
    }
  }

  private static Problem budget(
      ProblemCode code, String whose, String remedy, Period period, BudgetState budget) {
    boolean isStart = budget.asked().equals(MicroUsd.ZERO);
    String state =
        isStart || budget.remaining().equals(MicroUsd.ZERO)
            ? "%s has %s US dollars left %s".formatted(whose, budget.remaining(), period.left)
            : "%s has %s US dollars left %s, and the step may cost %s"
                .formatted(whose, budget.remaining(), period.left, budget.asked());
    Problem problem =
        Problem.of(code, state + ". " + whatToDo(budget, remedy, period))
            .with("resets_at", budget.resetsAt().map(Instant::toString).orElse(null))
            .with("limit_usd", new MicroUsd(budget.limit().micros()))
            .with("spent_usd", budget.spent())
            .with("reserved_usd", budget.reserved())
            .with("remaining_usd", budget.remaining());
    return budget.fitsOnceReservationsReturn() ? problem.retryAfter(RETRY_RESERVATIONS) : problem;
  }

  private static String whatToDo(BudgetState budget, String remedy, Period period) {
    if (budget.fitsOnceReservationsReturn()) {
      return "Open steps reserve %s, and what they do not use comes back when they are settled. Ask again then."
          .formatted(budget.reserved());
    }
    if (budget.resetsAt().isEmpty() && budget.limit().micros() == 0) {
      return "With a max_cost_usd of 0 it could never take a step: make it more, or leave it out.";
    }
    if (budget.resetsAt().isEmpty()) {
      return "Finish the run, or %s.".formatted(remedy);
    }
    if (budget.limit().micros() == 0) {
      return "A budget of 0 admits nothing on any day: %s.".formatted(remedy);
    }
    return budget.asked().micros() > budget.limit().micros()
        ? "A whole %s has no more than %s: make the step cheaper, or %s."
            .formatted(period.name, new MicroUsd(budget.limit().micros()), remedy)
        : "Wait until %s, or %s.".formatted(budget.resetsAt().orElseThrow(), remedy);
  }
}
