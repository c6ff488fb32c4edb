package dev.workspaceoperator.storm;

import dev.workspaceoperator.storm.Caller.Answer;
import dev.workspaceoperator.storm.Ledger.Limits;
import dev.workspaceoperator.storm.Ledger.Toggle;
import dev.workspaceoperator.storm.PlannedCall.Way;
import java.util.List;
import java.util.Optional;

/**
 * Changes the limits of one workspace and throws its kill switch, or that of the platform. The only
 * one who does, so that it knows what is in force; for one thread.
 */
final class Admin {
  private static final String WORKSPACE = "/v1/workspace/";
  private static final String SWITCH = "/v1/workspace/kill-switch";
  private static final String PLATFORM_SWITCH = "/v1/platform/kill-switch";

  private final Ledger ledger;
  private final Ledger platform;
  private final StormClient client;
  private final Tally tally;
  private boolean certain = true;
  private boolean killed;
  private boolean platformKilled;
  private boolean releaseDue;

  /**
   * One.
   *
   * @param platform the ledger of the installation, whose key is one of the fleet
   */
  Admin(Ledger ledger, Ledger platform, StormClient client, Tally tally) {
    this.ledger = ledger;
    this.platform = platform;
    this.client = client;
    this.tally = tally;
  }

  /** Does what an admin does; anything else is the client's. */
  void perform(PlannedCall plan) {
    if (releaseDue) {
      release(Way.PLAIN);
    }
    switch (plan.kind()) {
      case SET_BUDGET -> {
        if (ledger.limits != Limits.NONE) {
          set("daily_budget_usd", around(ledger.used(), plan), plan.way());
        }
      }
      case SET_USER_BUDGET -> {
        if (ledger.limits != Limits.NONE) {
          set("user_daily_budget_usd", around(ledger.usedByOne(), plan), plan.way());
        }
      }
      case SET_CAP -> {
        if (ledger.limits == Limits.BUDGETS_AND_CAP) {
          set("max_concurrent_runs", Integer.toString(1 + plan.amount() % 16), plan.way());
        }
      }
      case KILL -> {
        toggle(SWITCH, ledger, true, plan.way());
        killed = true;
      }
      case RELEASE -> release(plan.way());
      case PLATFORM_KILL -> {
        toggle(PLATFORM_SWITCH, platform, true, plan.way());
        platformKilled = true;
      }
      case PLATFORM_RELEASE -> {
        toggle(PLATFORM_SWITCH, platform, false, plan.way());
        platformKilled = false;
      }
      default -> client.perform(plan);
    }
  }

  /** Leaves every switch off; to be repeated until it is true. */
  boolean leavesOff() {
    if (platformKilled) {
      toggle(PLATFORM_SWITCH, platform, false, Way.PLAIN);
      platformKilled = false;
    }
    if (killed) {
      release(Way.PLAIN);
    }
    return !killed;
  }

  /** Once more, so that no earlier attempt that came late has the last word. */
  void insistOnOff() {
    toggle(SWITCH, ledger, false, Way.PLAIN);
  }

  /** The same for the platform. */
  void insistOnPlatformOff() {
    toggle(PLATFORM_SWITCH, platform, false, Way.PLAIN);
  }

  private void release(Way way) {
    releaseDue = !toggle(SWITCH, ledger, false, way);
    killed = releaseDue;
  }

  /** From a little below what is used to what some hundred steps cost more. */
  private static String around(long used, PlannedCall plan) {
    return StormClient.usd(Math.max(0, used - 200_000 + plan.amount() * 150L));
  }

  private void set(String field, String value, Way way) {
    Ask ask =
        new Ask(
            ledger.apiKey,
            "PATCH",
            WORKSPACE,
            Optional.empty(),
            "{\"%s\":%s}".formatted(field, value));
    Answer answer = client.change(ask, way);
    tally.count("PATCH " + answer.reply().code());
    if (answer.reply().status() == 200) {
      note(ledger, field, value, answer);
    } else {
      tally.violation("answer", answer.reply() + " to " + ask, List.of());
    }
  }

  /** Whether it is done; not while another latch is on. */
  private boolean toggle(String path, Ledger whose, boolean active, Way way) {
    Ask ask = Ask.post(whose.apiKey, path, "{\"active\":%b}".formatted(active));
    Answer answer = client.change(ask, way);
    tally.count((active ? "KILL " : "RELEASE ") + answer.reply().code());
    if (answer.reply().status() == 200) {
      note(whose, "kill_switch", Boolean.toString(active), answer);
      return true;
    }
    if (active || !answer.reply().code().equals("KILL_SWITCH_PLATFORM")) {
      tally.violation("answer", answer.reply() + " to " + ask, List.of());
    }
    return false;
  }

  private void note(Ledger whose, String field, String value, Answer answer) {
    certain &= !answer.doubtful();
    whose.toggled(new Toggle(field, value, answer.requestIds(), certain));
  }
}
