package dev.workspaceoperator.storm;

import dev.workspaceoperator.storm.Caller.Answer;
import dev.workspaceoperator.storm.PlannedCall.Way;
import dev.workspaceoperator.storm.Wire.Reply;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/** Asks for what is planned, and notes in the ledger what it is told. For one thread. */
final class StormClient implements AutoCloseable {
  private static final int RUNS_MAX = 3;
  private static final int OPEN_STEPS_MAX = 40;
  private static final int SHORT_LEASE = 5;
  private static final int LEASE = 30;

  /** Of a run with a short lease and no cap. */
  private static final PlannedCall VANISHING =
      new PlannedCall(PlannedCall.Kind.START, Way.PLAIN, 1, 0);

  private static final String[] OUTCOMES = {"succeeded", "failed", "cancelled"};

  private final String name;
  private final Ledger ledger;
  private final Course course;
  private final Tally tally;
  private final Caller caller;
  private final Caller twin;
  private final List<OpenRun> runs = new ArrayList<>();
  private final List<Admission> openSteps = new ArrayList<>();
  private int keys;

  /** A run that the client believes to be running. */
  private record OpenRun(Admission admission, int leaseSeconds) {}

  StormClient(String name, Ledger ledger, Course course, Tally tally, int[] ports) {
    this.name = name;
    this.ledger = ledger;
    this.course = course;
    this.tally = tally;
    this.caller = new Caller(name, ports, tally);
    this.twin = new Caller(name + "-twin", ports, tally);
  }

  /** Asks for one thing that any client may. */
  void perform(PlannedCall plan) {
    switch (plan.kind()) {
      case START -> start(plan);
      case STEP -> step(plan);
      case CALL -> call(plan);
      case SETTLE -> settle(plan);
      case HEARTBEAT -> heartbeat(plan);
      case FINISH -> finish(plan);
      case CANCEL -> cancel(plan);
      case ABANDON -> runs.removeIf(run -> run.leaseSeconds() == SHORT_LEASE);
      case REUSE_KEY -> reuseKey(plan);
      case SET_BUDGET, SET_USER_BUDGET, SET_CAP, KILL, RELEASE, PLATFORM_KILL, PLATFORM_RELEASE ->
          throw new IllegalArgumentException("not for every client: " + plan);
    }
  }

  private void start(PlannedCall plan) {
    if (runs.size() >= RUNS_MAX) {
      return;
    }
    int lease = plan.pick() % 10 == 0 ? SHORT_LEASE : LEASE;
    long cap = plan.pick() % 6 == 1 ? 50_000L + plan.amount() * 10L : -1;
    String user = "u" + plan.pick() % Ledger.USERS;
    String body =
        "{\"user_id\":\"%s\",\"lease_seconds\":%d%s}"
            .formatted(user, lease, cap < 0 ? "" : ",\"max_cost_usd\":" + usd(cap));
    Admission run = Admission.ofRun(ask("/v1/runs", body, true), user, cap);
    if (admit(run, plan.way())) {
      runs.add(new OpenRun(run, lease));
    }
  }

  private void step(PlannedCall plan) {
    if (runs.isEmpty()) {
      start(plan);
      return;
    }
    OpenRun run = runs.get(plan.pick() % runs.size());
    long micros = 1L + plan.amount();
    Admission step =
        Admission.ofStep(
            ask(path(run) + "/steps", "{\"max_cost_usd\":" + usd(micros) + "}", true),
            run.admission(),
            micros);
    if (admit(step, plan.way())) {
      openSteps.add(step);
      if (openSteps.size() > OPEN_STEPS_MAX) {
        openSteps.remove(plan.pick() % OPEN_STEPS_MAX);
      }
    } else if (Answers.ENDED.contains(step.refusal())) {
      runs.remove(run);
    }
  }

  private void call(PlannedCall plan) {
    boolean settledAtOnce = plan.amount() % 4 != 0;
    int lease = settledAtOnce ? LEASE : SHORT_LEASE;
    String user = "u" + plan.pick() % Ledger.USERS;
    long micros = 1L + plan.amount();
    String body =
        "{\"user_id\":\"%s\",\"lease_seconds\":%d,\"max_cost_usd\":%s}"
            .formatted(user, lease, usd(micros));
    Admission call = Admission.ofCall(ask("/v1/calls", body, true), user, micros);
    if (!admit(call, plan.way())) {
      return;
    }
    if (settledAtOnce) {
      settle(call, plan);
    } else {
      openSteps.add(call);
    }
  }

  /** Whether it was admitted. */
  private boolean admit(Admission asked, Way way) {
    ledger.asked(asked);
    Answer answer = send(asked.ask, way);
    new Answers(ledger, tally).admission(asked, answer, way);
    if (asked.state() != Admission.State.ADMITTED) {
      return false;
    }
    if (!asked.isRun()) {
      ledger.use(asked.userId, asked.micros);
    }
    course.admitted();
    return true;
  }

  private Answer send(Ask ask, Way way) {
    return switch (way) {
      case PLAIN -> caller.insist(ask);
      case ABORTED -> caller.insistAfterAbort(ask);
      case TWIN -> sendTwice(ask);
    };
  }

  /** Both must tell of the same effect, if both tell of one. */
  private Answer sendTwice(Ask ask) {
    Answer one;
    Answer other;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<Answer> second =
          CompletableFuture.supplyAsync(() -> twin.insist(ask), threads);
      one = caller.insist(ask);
      other = second.join();
    }
    if (one.reply().status() == 201 && other.reply().status() == 201) {
      if (!one.reply().field("id").equals(other.reply().field("id"))) {
        tally.violation(
            "I6", "one key has two effects: " + ask, List.of(one.toString(), other.toString()));
      }
      tally.count("~ twins with one effect");
    }
    return other.reply().status() == 201 ? other : one;
  }

  private void settle(PlannedCall plan) {
    if (openSteps.isEmpty()) {
      return;
    }
    settle(openSteps.remove(plan.pick() % openSteps.size()), plan);
  }

  private void settle(Admission step, PlannedCall plan) {
    int kind = plan.amount() % 10;
    long cost =
        kind < 5
            ? step.micros * plan.amount() / 20_000
            : kind < 8 ? step.micros : kind == 8 ? step.micros + plan.amount() : 0;
    Answer answer = send(settling(step, cost), noTwin(plan));
    count(step.isCall() ? "SETTLE_CALL" : "SETTLE", answer.reply());
    if (answer.reply().status() == 200
        && micros(answer.reply().field("cost_usd")) == cost
        && answer.reply().field("id").equals(step.id())) {
      step.settled(cost);
      if (step.isCall()) {
        step.ended(answer.reply().field("status"));
      }
      ledger.use(step.userId, cost - step.micros);
    } else {
      unexpected(step, answer.reply());
      return;
    }
    if (plan.pick() % 16 == 0) {
      Reply same = caller.insist(settling(step, cost)).reply();
      Reply other = caller.insist(settling(step, cost + 1)).reply();
      if (same.status() != 200 || !other.code().equals("STEP_ALREADY_SETTLED")) {
        unexpected(step, same.status() == 200 ? other : same);
      }
    }
  }

  private Ask settling(Admission step, long cost) {
    if (step.isCall()) {
      return ask(
          "/v1/calls/%s/settle".formatted(step.id()),
          "{\"cost_usd\":%s,\"outcome\":\"%s\"}"
              .formatted(usd(cost), OUTCOMES[(int) (step.micros % OUTCOMES.length)]),
          false);
    }
    return ask(
        "/v1/runs/%s/steps/%s/settle".formatted(step.runId(), step.id()),
        "{\"cost_usd\":" + usd(cost) + "}",
        false);
  }

  private void heartbeat(PlannedCall plan) {
    if (runs.isEmpty()) {
      return;
    }
    OpenRun run = runs.get(plan.pick() % runs.size());
    Reply reply = send(ask(path(run) + "/heartbeat", "", false), noTwin(plan)).reply();
    count("HEARTBEAT", reply);
    if (reply.status() != 200) {
      unexpected(run.admission(), reply);
    } else if (reply.field("status").equals("running")) {
      run.admission().leased(reply.field("lease_expires_at"));
    } else {
      runs.remove(run);
    }
  }

  private void finish(PlannedCall plan) {
    if (runs.isEmpty()) {
      return;
    }
    OpenRun run = runs.remove(plan.pick() % runs.size());
    finish(run.admission(), OUTCOMES[plan.amount() % 3], noTwin(plan));
  }

  /** Starts a run with a step, and is not heard of again. */
  void vanish() {
    start(VANISHING);
    step(VANISHING);
    runs.clear();
  }

  /** Every run that it did not abandon. */
  void finishAll() {
    for (OpenRun run : runs) {
      finish(run.admission(), "succeeded", Way.PLAIN);
    }
    runs.clear();
  }

  private void finish(Admission run, String outcome, Way way) {
    Reply reply =
        send(
                ask(
                    "/v1/runs/%s/finish".formatted(run.id()),
                    "{\"outcome\":\"%s\"}".formatted(outcome),
                    false),
                way)
            .reply();
    count("FINISH", reply);
    if (reply.status() == 200 && reply.field("status").equals(outcome)) {
      run.ended(outcome);
    } else if (reply.code().equals("RUN_NOT_RUNNING")) {
      run.note("not running when it was to end as " + outcome);
    } else {
      unexpected(run, reply);
    }
  }

  private void cancel(PlannedCall plan) {
    if (runs.isEmpty()) {
      return;
    }
    OpenRun run = runs.remove(plan.pick() % runs.size());
    run.admission().askToCancel();
    Reply reply =
        send(ask(path(run) + "/cancel", "{\"reason\":\"storm\"}", false), noTwin(plan)).reply();
    count("CANCEL", reply);
    String status = reply.field("status");
    if (reply.status() != 200 || status.equals("running")) {
      unexpected(run.admission(), reply);
    } else {
      run.admission().ended(status);
    }
  }

  private void reuseKey(PlannedCall plan) {
    if (openSteps.isEmpty()) {
      return;
    }
    Admission step = openSteps.get(plan.pick() % openSteps.size());
    Ask first = step.ask;
    Reply reply =
        caller
            .insist(
                new Ask(
                    first.apiKey(),
                    "POST",
                    first.path(),
                    first.key(),
                    step.isCall()
                        ? "{\"user_id\":\"u0\",\"max_cost_usd\":0.5}"
                        : "{\"max_cost_usd\":0.5}"))
            .reply();
    count("REUSE_KEY", reply);
    if (!reply.code().equals("IDEMPOTENCY_KEY_REUSED")) {
      tally.violation("I6", "a key has a second effect: " + reply, step.history());
    }
  }

  /** The same as the admin. */
  Answer change(Ask ask, Way way) {
    return send(ask, way == Way.TWIN ? Way.PLAIN : way);
  }

  Ask ask(String path, String body, boolean keyed) {
    return new Ask(
        ledger.apiKey,
        "POST",
        path,
        keyed ? Optional.of(name + "-k" + ++keys) : Optional.empty(),
        body);
  }

  private static String path(OpenRun run) {
    return "/v1/runs/" + run.admission().id();
  }

  private static Way noTwin(PlannedCall plan) {
    return plan.way() == Way.TWIN ? Way.PLAIN : plan.way();
  }

  private void count(String what, Reply reply) {
    tally.count(what + " " + reply.code());
  }

  private void unexpected(Admission about, Reply reply) {
    tally.violation("answer", reply.toString(), about.history());
  }

  static String usd(long micros) {
    return BigDecimal.valueOf(micros, 6).toPlainString();
  }

  static long micros(String usd) {
    return usd.isEmpty() ? -1 : new BigDecimal(usd).movePointRight(6).longValueExact();
  }

  static LocalDate day(String time) {
    return LocalDate.parse(time.substring(0, 10));
  }

  @Override
  public void close() {
    caller.close();
    twin.close();
  }
}
