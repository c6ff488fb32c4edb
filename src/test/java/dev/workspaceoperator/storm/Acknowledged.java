package dev.workspaceoperator.storm;

import dev.workspaceoperator.storm.Admission.State;
import dev.workspaceoperator.storm.Ledger.Toggle;
import dev.workspaceoperator.storm.StoredHistory.StoredAdmission;
import dev.workspaceoperator.storm.StoredHistory.StoredChange;
import dev.workspaceoperator.storm.StoredHistory.StoredRun;
import dev.workspaceoperator.storm.StoredHistory.StoredStep;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Holds what was acknowledged against what the database has: everything that was acknowledged is
 * there as it was told, each key has the one effect that was told, what was refused has none, and
 * nothing is there that nobody asked for (I6, I7).
 *
 * @param quietSince when everything was up again: from then on a slot is free in time
 */
record Acknowledged(Ledger ledger, StoredHistory stored, Instant quietSince, Tally tally) {
  private static final Duration EXPIRES_WITHIN = Duration.ofSeconds(5);

  void judge() {
    Set<String> effects = new HashSet<>();
    for (StoredAdmission admission : stored.admissions().values()) {
      if (!effects.add(admission.effectId())) {
        report("I6", "two keys have one effect: " + admission, List.of());
      }
      if (ledger.of(admission.key()) == null) {
        report("I6", "nobody used this key: " + admission, List.of());
      }
    }
    for (StoredStep step : stored.steps().values()) {
      if (!effects.contains(step.id())) {
        report("I6", "a step without a request: " + step, List.of());
      }
    }
    for (StoredRun run : stored.runs().values()) {
      if (!effects.contains(run.id())) {
        report("I6", "a run without a request: " + run, List.of());
      }
      judgeLease(run);
    }
    ledger.all().forEach(this::judge);
    Map<String, List<StoredChange>> byRequest =
        stored.changes().stream().collect(Collectors.groupingBy(StoredChange::requestId));
    ledger.toggles().forEach(it -> judge(it, byRequest));
  }

  private void judge(Admission asked) {
    Optional<StoredAdmission> kept = Optional.ofNullable(stored.admissions().get(asked.key()));
    if (asked.state() == State.ASKED || asked.doubtful()) {
      report("unknown", "what became of it is not known; stored: " + kept, asked.history());
    } else if (asked.state() == State.REFUSED) {
      kept.ifPresent(it -> report("I6", "it was refused, and is there: " + it, asked.history()));
    } else if (kept.isEmpty()) {
      report("I7", "it was admitted, and its key is lost", asked.history());
    } else if (!kept.get().effectId().equals(asked.id())) {
      report("I6", "its key stands for something else: " + kept.get(), asked.history());
    } else if (asked.isRun()) {
      judgeRun(asked);
    } else {
      judgeStep(asked);
      if (asked.isCall()) {
        judgeRunOfCall(asked);
      }
    }
  }

  private void judgeStep(Admission asked) {
    Optional<StoredStep> found = Optional.ofNullable(stored.steps().get(asked.id()));
    boolean same =
        found
            .filter(it -> it.reserved() == asked.micros)
            .filter(it -> it.cost() == asked.settled())
            .filter(it -> it.day().equals(asked.day()))
            .filter(it -> it.runId().equals(asked.runId()))
            .isPresent();
    if (!same) {
      report("I7", "stored is: " + found, asked.history());
    }
  }

  private void judgeRunOfCall(Admission asked) {
    Optional<StoredRun> found = Optional.ofNullable(stored.runs().get(asked.id()));
    boolean same =
        found
            .filter(it -> it.userId().equals(asked.userId) && it.cap() < 0)
            .filter(it -> asked.status().isEmpty() || asked.status().equals(it.status()))
            .isPresent();
    if (!same) {
      report("I7", "stored is: " + found, asked.history());
    }
  }

  private void judgeRun(Admission asked) {
    Optional<StoredRun> found = Optional.ofNullable(stored.runs().get(asked.id()));
    if (found.isEmpty()) {
      report("I7", "it was admitted, and is lost", asked.history());
      return;
    }
    StoredRun run = found.get();
    boolean told = asked.status().isEmpty() || asked.status().equals(run.status());
    boolean same = run.userId().equals(asked.userId) && run.cap() == asked.micros;
    Instant lease = Instant.parse(asked.leaseEnd());
    boolean leased = !run.leaseEnd().plusMillis(1).isBefore(lease);
    if (!told || !same || !leased) {
      report("I7", "stored is: " + run, asked.history());
    }
    boolean mayBeCancelled = asked.cancelAsked() || asked.status().equals("cancelled");
    if (run.status().equals("cancelled") && !mayBeCancelled) {
      report("I7", "nobody cancelled it: " + run, asked.history());
    }
  }

  private void judgeLease(StoredRun run) {
    if (run.status().equals("running")) {
      report("I7", "it is running still: " + run, List.of());
    }
    if (run.status().equals("expired") && run.end().plusMillis(1).isBefore(run.leaseEnd())) {
      report("I7", "it expired before its lease ended: " + run, List.of());
    }
    if (run.status().equals("expired")) {
      tally.count("~ runs expired");
    }
    if (run.leaseEnd().isAfter(quietSince)
        && run.end().isAfter(run.leaseEnd().plus(EXPIRES_WITHIN))) {
      report("I7", "it held its slot for too long: " + run, List.of());
    }
  }

  /** A change that was acknowledged has its audit row, unless it changed nothing. */
  private void judge(Toggle toggle, Map<String, List<StoredChange>> byRequest) {
    boolean found =
        toggle.requestIds().stream()
            .flatMap(id -> byRequest.getOrDefault(id, List.of()).stream())
            .anyMatch(it -> it.field().equals(toggle.field()) && isEqual(it, toggle));
    if (!found && toggle.certain() && !isRepeated(toggle)) {
      report("I7", "this change was acknowledged, and is lost: " + toggle, List.of());
    }
  }

  private static boolean isEqual(StoredChange change, Toggle toggle) {
    return change.field().endsWith("_usd")
        ? StormClient.micros(change.after()) == StormClient.micros(toggle.value())
        : change.after().equals(toggle.value());
  }

  /** Whether what it asks for was so already. */
  private boolean isRepeated(Toggle toggle) {
    String before = toggle.field().equals("kill_switch") ? "false" : "";
    for (Toggle other : ledger.toggles()) {
      if (other.equals(toggle)) {
        return before.equals(toggle.value());
      }
      if (other.field().equals(toggle.field())) {
        before = other.value();
      }
    }
    return false;
  }

  private void report(String invariant, String sentence, List<String> history) {
    tally.violation(invariant, "workspace %s: %s".formatted(ledger.workspaceId, sentence), history);
  }
}
