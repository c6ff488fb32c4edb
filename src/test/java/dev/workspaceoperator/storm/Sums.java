package dev.workspaceoperator.storm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.storm.Admission.State;
import dev.workspaceoperator.storm.Wire.Reply;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Holds what the acknowledged steps cost together against what {@code GET /v1/usage} tells, once
 * every run is over (I1, I2, I4). Spent by the model is the acknowledged cost of a step, else its
 * reservation.
 */
record Sums(Ledger ledger, Caller caller, Tally tally) {
  private static final int RUNS_LOOKED_AT = 20;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  void judge() throws JsonProcessingException {
    Map<LocalDate, Map<String, Long>> costs = new TreeMap<>();
    for (Admission one : ledger.all()) {
      if (!one.isRun() && one.state() == State.ADMITTED) {
        costs
            .computeIfAbsent(one.day(), _ -> new TreeMap<>())
            .merge(one.userId, one.finalCost(), Long::sum);
      }
    }
    for (Map.Entry<LocalDate, Map<String, Long>> day : costs.entrySet()) {
      judge(day.getKey(), day.getValue());
    }
    for (Admission run : ledger.runs().stream().limit(RUNS_LOOKED_AT).toList()) {
      judge(run);
    }
  }

  private void judge(LocalDate day, Map<String, Long> byUser) throws JsonProcessingException {
    Reply reply = caller.insist(Ask.get(ledger.apiKey, "/v1/usage?day=" + day)).reply();
    JsonNode usage = JSON.readTree(reply.body());
    compare("I1", day + " spent", sum(byUser), micros(usage, "spent_usd"));
    compare("I2", day + " reserved", 0, micros(usage, "reserved_usd"));
    compare("I4", "active runs", 0, usage.path("active_runs").asLong(-1));
    Map<String, Long> told = new TreeMap<>();
    for (JsonNode user : usage.path("users").path("items")) {
      told.put(user.path("user_id").asText(), micros(user, "spent_usd"));
      compare(
          "I2",
          day + " reserved by " + user.path("user_id").asText(),
          0,
          micros(user, "reserved_usd"));
    }
    if (!told.equals(byUser)) {
      report("I1", "%s users: acknowledged %s, told %s".formatted(day, byUser, told));
    }
  }

  private void judge(Admission run) {
    Reply reply = caller.insist(Ask.get(ledger.apiKey, "/v1/runs/" + run.id())).reply();
    long cost =
        ledger.all().stream()
            .filter(it -> it.run.filter(run::equals).isPresent())
            .filter(it -> it.state() == State.ADMITTED)
            .mapToLong(Admission::finalCost)
            .sum();
    boolean told =
        reply.status() == 200
            && reply.field("user_id").equals(run.userId)
            && StormClient.micros(reply.field("spent_usd")) == cost
            && StormClient.micros(reply.field("reserved_usd")) == 0
            && (run.status().isEmpty() || reply.field("status").equals(run.status()));
    if (!told) {
      tally.violation("I1", "run of cost %d is told as %s".formatted(cost, reply), run.history());
    }
  }

  private static long micros(JsonNode node, String field) {
    return StormClient.micros(node.path(field).asText());
  }

  private static long sum(Map<String, Long> byUser) {
    return byUser.values().stream().mapToLong(it -> it).sum();
  }

  private void compare(String invariant, String what, long acknowledged, long told) {
    if (acknowledged != told) {
      report(invariant, "%s: acknowledged %d, told %d".formatted(what, acknowledged, told));
    }
  }

  private void report(String invariant, String sentence) {
    tally.violation(
        invariant, "workspace %s, %s".formatted(ledger.workspaceId, sentence), List.of());
  }
}
