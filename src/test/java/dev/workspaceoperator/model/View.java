package dev.workspaceoperator.model;

import dev.workspaceoperator.model.Team.Cause;
import dev.workspaceoperator.model.Team.Value;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Everything that can be read of a workspace, a line each, as the model has it. */
final class View {
  private final Team team;
  private final List<String> latches;

  private View(Model model, Team team) {
    this.team = team;
    this.latches = team.latches(model.platform());
  }

  /** In the order in which {@link ViewReader} reads them. */
  static List<String> of(Model model, Team team) {
    View view = new View(model, team);
    List<String> lines = new ArrayList<>();
    lines.add("state: " + team.state);
    view.status(lines);
    if (team.isStored()) {
      view.workspace(lines);
      view.settings(lines);
      view.usage(lines);
      lines.add("keys: " + model.keysOf(team));
      lines.add("audit: " + sorted(team.rows));
    }
    return lines;
  }

  private void status(List<String> lines) {
    if (team.manifest == null) {
      lines.add("status: none");
      return;
    }
    List<String> conditions = new ArrayList<>();
    Optional<Cause> cause = team.causes.stream().findFirst();
    conditions.add(cause.map(it -> "Ready=False " + it.reason).orElse("Ready=True Synced"));
    cause.ifPresent(it -> conditions.add("Stalled=True " + it.reason));
    if (team.isStored() && !latches.isEmpty()) {
      conditions.add("KillSwitchActive=True " + latches.getFirst());
    }
    if (team.isStored() && !(team.kept().isEmpty() && team.asleep().isEmpty())) {
      conditions.add("PlanLimited=True PlanUpgradeRequired");
    }
    lines.add("conditions: " + sorted(conditions));
    lines.add("told: " + told());
    if (!team.isStored()) {
      lines.add("status.id: none");
      return;
    }
    lines.add("status.slug: " + team.slugShown().orElse(null));
    lines.add("status.plan: " + team.declared.plan().label);
    for (Field field : Field.values()) {
      Value value = team.inForce(field);
      lines.add("status.%s: %s (%s)".formatted(field.spec, value.value(), value.source()));
    }
    lines.add("status.killSwitch: %s (%s)".formatted(!latches.isEmpty(), latchSource()));
    lines.add("status.latches: " + (latches.isEmpty() ? "none" : latches));
  }

  /** What the message of Stalled must name, each cause by what it is about. */
  private List<String> told() {
    TreeSet<String> words = new TreeSet<>();
    for (Cause cause : team.causes) {
      switch (cause) {
        case PLAN -> words.add("plan");
        case SLUG_IMMUTABLE, SLUG_TAKEN -> words.add("slug");
        case API_KEY_TAKEN -> words.addAll(team.foreign);
      }
    }
    return List.copyOf(words);
  }

  private void workspace(List<String> lines) {
    lines.add("name: " + team.inForce(Field.NAME).value());
    lines.add("slug: " + team.slugShown().orElse(null));
    lines.add("kill_switch: " + !latches.isEmpty());
    lines.add("daily_budget_usd: " + team.inForce(Field.DAILY).value());
    lines.add("user_daily_budget_usd: " + team.inForce(Field.USER).value());
    lines.add("max_concurrent_runs: " + team.inForce(Field.CAP).value());
  }

  private void settings(List<String> lines) {
    lines.add("plan: " + team.declared.plan().label);
    for (Field field : Field.values()) {
      Value value = team.inForce(field);
      boolean declared = team.declared.values().containsKey(field);
      lines.add(setting(field.rest, value.value(), value.source(), declared));
    }
    boolean declared = team.declared.killSwitch().isPresent();
    lines.add(setting("kill_switch", !latches.isEmpty(), latchSource(), declared));
    lines.add("latches: " + latches);
    lines.add("kept: " + sorted(team.kept()));
    lines.add("asleep: " + sorted(team.asleep()));
    lines.add("not_in_force: " + sorted(team.notInForce()));
  }

  private String setting(String name, Object value, String source, boolean declared) {
    return "%s: %s (%s)%s"
        .formatted(name, value, source, declared && team.isManaged() ? " declared" : "");
  }

  private String latchSource() {
    if (!latches.isEmpty()) {
      return latches.getFirst();
    }
    return team.declared.killSwitch().isPresent() ? "Declared" : "Default";
  }

  private void usage(List<String> lines) {
    lines.add("spent: " + usd(team.books.spent));
    lines.add("reserved: " + usd(team.books.reserved));
    lines.add("active: " + team.books.active());
  }

  static String usd(long micros) {
    return plain(BigDecimal.valueOf(micros, 6));
  }

  /** Without an exponent and without zeros at its end. */
  static String plain(@Nullable BigDecimal usd) {
    if (usd == null) {
      return Field.UNLIMITED;
    }
    return usd.signum() == 0 ? "0" : usd.stripTrailingZeros().toPlainString();
  }

  static List<String> sorted(List<String> texts) {
    List<String> sorted = new ArrayList<>(texts);
    Collections.sort(sorted);
    return sorted;
  }
}
