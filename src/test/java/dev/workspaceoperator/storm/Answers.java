package dev.workspaceoperator.storm;

import dev.workspaceoperator.storm.Caller.Answer;
import dev.workspaceoperator.storm.Ledger.Limits;
import dev.workspaceoperator.storm.PlannedCall.Way;
import dev.workspaceoperator.storm.Wire.Reply;
import java.util.Locale;
import java.util.Set;

/** Notes what was answered to starts, steps and calls, and what may not be answered to them. */
record Answers(Ledger ledger, Tally tally) {
  private static final Set<String> BUDGETS =
      Set.of("DAILY_BUDGET_EXCEEDED", "MONTHLY_BUDGET_EXCEEDED", "USER_DAILY_BUDGET_EXCEEDED");
  static final Set<String> ENDED = Set.of("RUN_NOT_RUNNING", "RUN_CANCELLED");

  /** The outcome of a start, a step or a call. */
  void admission(Admission asked, Answer answer, Way way) {
    Reply reply = answer.reply();
    tally.count(asked.what().toUpperCase(Locale.ROOT) + " " + reply.code());
    if (reply.status() == 201) {
      admitted(asked, answer, way);
    } else {
      asked.refused(reply.code(), answer.doubtful());
      if (!mayRefuse(asked, reply.code())) {
        tally.violation("answer", reply.toString(), asked.history());
      }
    }
  }

  private void admitted(Admission asked, Answer answer, Way way) {
    Reply reply = answer.reply();
    String time = reply.field(asked.isRun() ? "started_at" : "admitted_at");
    asked.admitted(
        reply.field("id"),
        StormClient.day(time),
        reply.replayed() ? ", by an earlier attempt" : "");
    if (asked.isRun() || asked.isCall()) {
      asked.leased(reply.field("lease_expires_at"));
    }
    if (reply.replayed()) {
      tally.count("~ replayed");
    }
    if (!isOf(asked, reply)) {
      tally.violation("answer", "it tells of something else: " + reply, asked.history());
    }
    if (reply.replayed() && way == Way.PLAIN && !answer.doubtful()) {
      tally.violation("I6", "a key had an effect before its only request", asked.history());
    }
  }

  private static boolean isOf(Admission asked, Reply reply) {
    boolean sameOwner =
        (asked.isRun() || asked.isCall())
            ? reply.field("user_id").equals(asked.userId)
            : reply.field("run_id").equals(asked.runId());
    String amount = asked.isRun() ? "max_cost_usd" : "reserved_usd";
    return sameOwner && StormClient.micros(reply.field(amount)) == asked.micros;
  }

  private boolean mayRefuse(Admission asked, String code) {
    if (code.equals("KILL_SWITCH_ACTIVE")) {
      return true;
    }
    if (BUDGETS.contains(code)) {
      return ledger.limits != Limits.NONE;
    }
    if (asked.isRun() || asked.isCall()) {
      return code.equals("MAX_CONCURRENT_RUNS_EXCEEDED");
    }
    return ENDED.contains(code)
        || (code.equals("RUN_BUDGET_EXCEEDED") && asked.run.orElseThrow().micros >= 0);
  }
}
