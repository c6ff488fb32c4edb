package dev.workspaceoperator.model;

import java.math.BigDecimal;
import java.util.Optional;

/** Admission, as design.md §6 orders its refusals and §7 counts. */
final class ModelGate {
  private static final long MICROS_A_CENT = 10_000;

  private ModelGate() {}

  static ModelAnswer start(Team team, boolean platform, Action.Start asked) {
    Team.Books books = team.books;
    Optional<Long> cap = asked.maxCost().map(cents -> cents * MICROS_A_CENT);
    Optional<ModelAnswer> refused = closed(team, platform);
    if (refused.isPresent()) {
      return refused.get();
    }
    if (books.active() >= (Integer) team.inForce(Field.CAP).value()) {
      return new ModelAnswer(429, "MAX_CONCURRENT_RUNS_EXCEEDED");
    }
    if (cap.filter(it -> it == 0).isPresent()) {
      return new ModelAnswer(402, "RUN_BUDGET_EXCEEDED");
    }
    if (books.spent >= micros(team.inForce(Field.DAILY).value())) {
      return new ModelAnswer(402, "DAILY_BUDGET_EXCEEDED");
    }
    if (books.of(asked.user())[0] >= micros(team.inForce(Field.USER).value())) {
      return new ModelAnswer(402, "USER_DAILY_BUDGET_EXCEEDED");
    }
    books.runs.put(asked.label(), new Team.Run(asked.user(), cap));
    return ModelAnswer.CREATED;
  }

  static ModelAnswer step(Team team, boolean platform, Action.Step asked) {
    Team.Run run = team.books.run(asked.run());
    long cost = asked.maxCost() * MICROS_A_CENT;
    Optional<ModelAnswer> refused = closed(team, platform);
    if (refused.isPresent()) {
      return refused.get();
    }
    if (run.outcome.isPresent()) {
      return new ModelAnswer(
          409, run.outcome.get().equals("cancelled") ? "RUN_CANCELLED" : "RUN_NOT_RUNNING");
    }
    if (!fits(run.cap.orElse(Long.MAX_VALUE), run.spent, run.reserved, cost)) {
      return new ModelAnswer(402, "RUN_BUDGET_EXCEEDED");
    }
    if (!fits(
        micros(team.inForce(Field.DAILY).value()), team.books.spent, team.books.reserved, cost)) {
      return new ModelAnswer(402, "DAILY_BUDGET_EXCEEDED");
    }
    long[] user = team.books.of(run.user);
    if (!fits(micros(team.inForce(Field.USER).value()), user[0], user[1], cost)) {
      return new ModelAnswer(402, "USER_DAILY_BUDGET_EXCEEDED");
    }
    team.books.book(run, 0, cost);
    run.steps.put(asked.label(), new Team.Step(cost));
    return ModelAnswer.CREATED;
  }

  static ModelAnswer settle(Team team, Action.Settle asked) {
    Team.Run run = team.books.run(asked.run());
    Team.Step step = run.step(asked.label());
    long cost = asked.cost() * MICROS_A_CENT;
    if (step.cost.isPresent()) {
      return step.cost.get() == cost
          ? ModelAnswer.OK
          : new ModelAnswer(409, "STEP_ALREADY_SETTLED");
    }
    step.cost = Optional.of(cost);
    if (run.outcome.isEmpty()) {
      team.books.book(run, cost, -step.reserved);
    } else {
      team.books.book(run, cost - step.reserved, 0);
    }
    return ModelAnswer.OK;
  }

  static ModelAnswer finish(Team team, Action.Finish asked) {
    Team.Run run = team.books.run(asked.run());
    if (run.outcome.isEmpty()) {
      run.outcome = Optional.of(asked.outcome());
      team.books.book(run, run.reserved, -run.reserved);
      return ModelAnswer.OK;
    }
    return run.outcome.get().equals(asked.outcome())
        ? ModelAnswer.OK
        : new ModelAnswer(409, "RUN_NOT_RUNNING");
  }

  private static Optional<ModelAnswer> closed(Team team, boolean platform) {
    if (team.state == Team.State.ARCHIVED) {
      return Optional.of(ModelAnswer.ARCHIVED);
    }
    return team.latches(platform).isEmpty()
        ? Optional.empty()
        : Optional.of(new ModelAnswer(403, "KILL_SWITCH_ACTIVE"));
  }

  private static boolean fits(long budget, long spent, long reserved, long cost) {
    return spent < budget && cost <= budget - spent - reserved;
  }

  static long micros(Object budget) {
    return budget.equals(Field.UNLIMITED)
        ? Long.MAX_VALUE
        : new BigDecimal((String) budget).movePointRight(6).longValueExact();
  }
}
