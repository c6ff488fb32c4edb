package dev.workspaceoperator.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/** The lines of {@link View}, read from what the program says. */
final class ViewReader {
  /** Told too late, or of no setting. */
  private static final Set<String> UNTOLD = Set.of("BudgetExhausted");

  private static final Set<String> SETTINGS =
      Set.of(
          "name",
          "daily_budget_usd",
          "user_daily_budget_usd",
          "max_concurrent_runs",
          "kill_switch");

  private final List<String> lines = new ArrayList<>();

  /** The lines so far. */
  List<String> lines() {
    return lines;
  }

  void state(String state) {
    lines.add("state: " + (state.isEmpty() ? "UNKNOWN" : state));
  }

  /** Empty where there is no resource. */
  void status(Optional<JsonNode> resource) {
    if (resource.isEmpty()) {
      lines.add("status: none");
      return;
    }
    JsonNode status = resource.get().path("status");
    if (status.path("observedGeneration").asLong()
        != resource.get().path("metadata").path("generation").asLong()) {
      lines.add("not observed yet");
    }
    List<String> conditions = new ArrayList<>();
    String told = "";
    for (JsonNode condition : status.path("conditions")) {
      String type = condition.path("type").asText();
      if (!UNTOLD.contains(type)) {
        conditions.add(
            "%s=%s %s"
                .formatted(
                    type, condition.path("status").asText(), condition.path("reason").asText()));
      }
      if (type.equals("Stalled")) {
        told = condition.path("message").asText();
      }
    }
    lines.add("conditions: " + View.sorted(conditions));
    lines.add("told: " + told(told));
    if (!status.has("id")) {
      lines.add("status.id: none");
      return;
    }
    lines.add("status.slug: " + status.path("slug").asText(null));
    lines.add("status.plan: " + status.path("plan").asText());
    for (Field field : Field.values()) {
      lines.add(effective(status, field.spec));
    }
    lines.add(effective(status, "killSwitch"));
    JsonNode latches = status.path("killSwitch").path("latches");
    lines.add("status.latches: " + (latches.isMissingNode() ? "none" : sources(latches)));
  }

  private static String effective(JsonNode status, String field) {
    JsonNode value = status.path("effective").path(field);
    return "status.%s: %s (%s)"
        .formatted(field, value.path("value").asText(), value.path("source").asText());
  }

  /** Which of the causes a message names, and the keys that it lists. */
  private static List<String> told(String message) {
    TreeSet<String> words = new TreeSet<>();
    if (message.contains(" needs plan ")) {
      words.add("plan");
    }
    if (message.contains("slug")) {
      words.add("slug");
    }
    int keys = message.indexOf("spec.apiKeys [");
    if (keys >= 0) {
      int from = keys + "spec.apiKeys [".length();
      words.addAll(List.of(message.substring(from, message.indexOf(']', from)).split(", ")));
    }
    return List.copyOf(words);
  }

  void workspace(JsonNode workspace) {
    lines.add("name: " + workspace.path("name").asText());
    lines.add("slug: " + workspace.path("slug").asText(null));
    lines.add("kill_switch: " + workspace.path("kill_switch").asBoolean());
    lines.add("daily_budget_usd: " + value(workspace.path("daily_budget_usd")));
    lines.add("user_daily_budget_usd: " + value(workspace.path("user_daily_budget_usd")));
    lines.add("max_concurrent_runs: " + value(workspace.path("max_concurrent_runs")));
  }

  void settings(JsonNode settings) {
    lines.add("plan: " + settings.path("plan").asText());
    for (String name :
        List.of(
            "name",
            "daily_budget_usd",
            "user_daily_budget_usd",
            "max_concurrent_runs",
            "kill_switch")) {
      JsonNode setting = settings.path(name);
      lines.add(
          "%s: %s (%s)%s"
              .formatted(
                  name,
                  value(setting.path("value")),
                  setting.path("source").asText(),
                  setting.path("declared_by").isTextual() ? " declared" : ""));
    }
    lines.add("latches: " + sources(settings.path("latches")));
    for (String limits : List.of("kept", "asleep", "not_in_force")) {
      List<String> fields = new ArrayList<>();
      settings
          .path("plan_limits")
          .path(limits)
          .forEach(it -> fields.add(it.path("field").asText()));
      lines.add(limits + ": " + View.sorted(fields));
    }
  }

  void usage(JsonNode usage) {
    lines.add("spent: " + value(usage.path("spent_usd")));
    lines.add("reserved: " + value(usage.path("reserved_usd")));
    lines.add("active: " + usage.path("active_runs").asInt());
  }

  /** Without the key that asks. */
  void keys(JsonNode page, String asking) {
    List<String> keys = new ArrayList<>();
    for (JsonNode key : page.path("items")) {
      String name = key.path("name").asText();
      if (!name.equals(asking)) {
        keys.add(name + " " + key.path("source").asText());
      }
    }
    lines.add("keys: " + View.sorted(keys));
  }

  /** Rows of settings after this one. */
  void audit(JsonNode page, long after) {
    List<String> rows = new ArrayList<>();
    for (JsonNode row : page.path("items")) {
      String field = row.path("field").asText();
      if (row.path("seq").asLong() > after && SETTINGS.contains(field)) {
        String layer = row.path("layer").asText();
        String change =
            layer.equals("Override")
                ? row.path("before").isNull() ? "made" : "ended"
                : row.path("before") + " -> " + row.path("after");
        rows.add("%s %s: %s".formatted(layer, field, change));
      }
    }
    lines.add("audit: " + View.sorted(rows));
  }

  private static List<String> sources(JsonNode latches) {
    return StreamSupport.stream(latches.spliterator(), false)
        .map(latch -> latch.path("source").asText())
        .toList();
  }

  /** A budget's null is unlimited; a number is printed plain. */
  private static String value(JsonNode value) {
    if (value.isNull()) {
      return Field.UNLIMITED;
    }
    return value.isNumber() ? View.plain(value.decimalValue()) : value.asText();
  }
}
