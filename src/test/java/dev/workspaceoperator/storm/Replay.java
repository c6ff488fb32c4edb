package dev.workspaceoperator.storm;

import dev.workspaceoperator.storm.StoredHistory.Commit;
import dev.workspaceoperator.storm.StoredHistory.StoredAdmission;
import dev.workspaceoperator.storm.StoredHistory.StoredChange;
import dev.workspaceoperator.storm.StoredHistory.StoredRun;
import dev.workspaceoperator.storm.StoredHistory.StoredStep;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Goes through the history of one workspace in the order of COMMITs, and holds every admission
 * against what was in force just then:
 *
 * <ul>
 *   <li>I3: after each step, what is spent and reserved of its day is within the budget of the
 *       workspace, of the user and of the run;
 *   <li>I4: after each start no more runs are running than the cap;
 *   <li>I5: no run and no step is admitted between the COMMIT that switches the workspace or the
 *       platform off and the one that switches it on.
 * </ul>
 *
 * <p>The order within one transaction is not stored. There what makes room counts as done before
 * the admissions, and a charge above a reservation after them; so nothing is reported that may have
 * been right.
 */
final class Replay {
  /** Of plan Scale, where nobody set another. */
  private static final int CAP_DEFAULT = 50;

  private static final int HISTORY_BEFORE = 12;
  private static final int HISTORY_AFTER = 3;

  private final String workspaceId;
  private final Tally tally;
  private final List<Event> events = new ArrayList<>();
  private final Map<String, Long> used = new HashMap<>();
  private final Map<String, StoredRun> runs;
  private long budget = Long.MAX_VALUE;
  private long userBudget = Long.MAX_VALUE;
  private long cap = CAP_DEFAULT;
  private long running;
  private boolean killed;
  private boolean platformKilled;
  private String newest = "";

  /** What happened to the workspace; the order is that within one transaction. */
  private enum What {
    CHANGE,
    END,
    CHEAPER,
    START,
    STEP,
    DEARER;

    boolean isAdmission() {
      return this == START || this == STEP;
    }
  }

  private record Event(
      Commit commit, What what, String id, String runId, LocalDate day, long micros, String text) {
    @Override
    public String toString() {
      return "tx %d at %d: %s %s %s of run %s, %d micro-USD"
          .formatted(commit.tx(), commit.micros(), what, text, id, runId, micros);
    }
  }

  Replay(String workspaceId, StoredHistory history, Tally tally) {
    this.workspaceId = workspaceId;
    this.tally = tally;
    this.runs = history.runs();
    history.admissions().values().forEach(it -> add(it, history));
    history.steps().values().forEach(this::addSettlement);
    history.runs().values().forEach(this::addEnd);
    history.changes().forEach(this::addChange);
    ToLongFunction<Event> time = it -> it.commit().micros();
    ToLongFunction<Event> transaction = it -> it.commit().tx();
    events.sort(
        Comparator.comparingLong(time)
            .thenComparingLong(transaction)
            .thenComparing(Event::what)
            .thenComparing(Event::id));
  }

  private void add(StoredAdmission admission, StoredHistory history) {
    String id = admission.effectId();
    Optional.ofNullable(history.steps().get(id))
        .ifPresent(it ->
            events.add(
                new Event(
                    admission.commit(),
                    What.STEP,
                    id,
                    it.runId(),
                    it.day(),
                    it.reserved(),
                    admission.key())));
    Optional.ofNullable(history.runs().get(id))
        .ifPresent(_ ->
            events.add(
                new Event(
                    admission.commit(), What.START, id, id, LocalDate.EPOCH, 0, admission.key())));
  }

  private void addSettlement(StoredStep step) {
    if (step.cost() >= 0) {
      long change = step.cost() - step.reserved();
      events.add(
          new Event(
              step.commit(),
              change > 0 ? What.DEARER : What.CHEAPER,
              step.id(),
              step.runId(),
              step.day(),
              change,
              "settled at " + step.cost()));
    }
  }

  private void addEnd(StoredRun run) {
    if (!run.status().equals("running")) {
      events.add(
          new Event(run.commit(), What.END, run.id(), run.id(), LocalDate.EPOCH, 0, run.status()));
    }
  }

  private void addChange(StoredChange change) {
    events.add(
        new Event(
            change.commit(),
            What.CHANGE,
            (change.platform() ? "platform " : "") + change.field(),
            "",
            LocalDate.EPOCH,
            0,
            change.after()));
  }

  /** Reports every admission that should not have been. */
  void run() {
    for (int at = 0; at < events.size(); at++) {
      Event event = events.get(at);
      switch (event.what()) {
        case CHANGE -> change(event);
        case END -> running--;
        case CHEAPER, DEARER -> use(event);
        case START -> {
          running++;
          judge(at, "I4", running, cap, "running runs and the cap");
        }
        case STEP -> {
          use(event);
          judgeMoney(at, event);
        }
      }
      if (event.what().isAdmission()) {
        judgeSwitch(at, event);
      }
    }
  }

  private void judgeMoney(int at, Event event) {
    String user = Optional.ofNullable(runs.get(event.runId())).map(StoredRun::userId).orElse("?");
    judge(at, "I3", used.getOrDefault(day(event), 0L), budget, "used and the daily budget");
    judge(
        at,
        "I3",
        used.getOrDefault(day(event) + user, 0L),
        userBudget,
        "used by " + user + " and the user's daily budget");
    long runCap = Optional.ofNullable(runs.get(event.runId())).map(StoredRun::cap).orElse(-1L);
    if (runCap >= 0) {
      judge(at, "I3", used.getOrDefault(event.runId(), 0L), runCap, "used and the run's budget");
    }
  }

  private void judgeSwitch(int at, Event event) {
    if (killed || platformKilled) {
      report(at, "I5", "it was admitted while the kill switch was on");
    }
    String time = event.id().substring(0, 13);
    if (time.compareTo(newest) < 0) {
      report(at, "I8", "its time is before that of an admission that was committed earlier");
    }
    newest = time.compareTo(newest) > 0 ? time : newest;
  }

  private void judge(int at, String invariant, long is, long may, String what) {
    if (is > may) {
      report(at, invariant, "%s: %d and %d".formatted(what, is, may));
    }
  }

  private void report(int at, String invariant, String sentence) {
    List<String> history = new ArrayList<>();
    for (int i = Math.max(0, at - HISTORY_BEFORE);
        i < Math.min(events.size(), at + HISTORY_AFTER);
        i++) {
      history.add((i == at ? "> " : "  ") + events.get(i));
    }
    tally.violation(
        invariant,
        "workspace %s, %s %s: %s"
            .formatted(workspaceId, events.get(at).what(), events.get(at).id(), sentence),
        history);
  }

  private void change(Event event) {
    switch (event.id()) {
      case "daily_budget_usd" -> budget = budget(event.text());
      case "user_daily_budget_usd" -> userBudget = budget(event.text());
      case "max_concurrent_runs" ->
          cap = event.text().isEmpty() ? CAP_DEFAULT : Long.parseLong(event.text());
      case "kill_switch" -> killed = event.text().equals("true");
      case "platform kill_switch" -> platformKilled = event.text().equals("true");
      default -> {}
    }
  }

  private void use(Event event) {
    String user = Optional.ofNullable(runs.get(event.runId())).map(StoredRun::userId).orElse("?");
    used.merge(day(event), event.micros(), Long::sum);
    used.merge(day(event) + user, event.micros(), Long::sum);
    used.merge(event.runId(), event.micros(), Long::sum);
  }

  private static String day(Event event) {
    return event.day() + " ";
  }

  private static long budget(String text) {
    return text.isEmpty() || text.equals("unlimited") ? Long.MAX_VALUE : StormClient.micros(text);
  }
}
