package dev.workspaceoperator.model;

import dev.workspaceoperator.model.Team.Cause;
import dev.workspaceoperator.model.Team.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** All workspaces of an installation, and what each call is answered. Pure. */
final class Model {
  private final Map<String, Team> teams = new TreeMap<>();
  private final Map<String, Key> keys = new TreeMap<>();
  private final Set<String> seen = new TreeSet<>();
  private boolean platform;

  /**
   * Who holds a secret.
   *
   * @param declared whether by its manifest; else it was made by the API
   */
  record Key(String team, boolean declared) {}

  Team team(String name) {
    return teams.computeIfAbsent(name, Team::new);
  }

  Collection<Team> teams() {
    return teams.values();
  }

  boolean platform() {
    return platform;
  }

  /** Every secret that is, or was, held. */
  Set<String> labels() {
    return seen;
  }

  Optional<Key> holder(String label) {
    return Optional.ofNullable(keys.get(label));
  }

  /** The names of its keys, each with where it was made. */
  List<String> keysOf(Team team) {
    List<String> held = new ArrayList<>();
    keys.forEach((label, key) -> {
      if (key.team().equals(team.name)) {
        held.add(label + (key.declared() ? " Declared" : " Runtime"));
      }
    });
    return held;
  }

  ModelAnswer answer(Action operation) {
    Team team = team(operation.team());
    ModelAnswer answer =
        switch (operation) {
          case Action.Apply it -> apply(team, it.spec());
          case Action.Delete _ -> delete(team);
          case Action.Patch it -> patch(team, it.fields());
          case Action.SendBack _ -> patch(team, Map.of());
          case Action.Kill it -> kill(team, it.active());
          case Action.KillAll it -> killAll(it.active());
          case Action.MakeOverride it -> override(team, it);
          case Action.EndOverride it -> end(team, it.label(), ModelAnswer.GONE);
          case Action.PassOverride it -> end(team, it.label(), ModelAnswer.OK);
          case Action.MakeKey it -> makeKey(team, it.label());
          case Action.RevokeKey it -> revokeKey(team, it.label());
          case Action.Start it -> ModelGate.start(team, platform, it);
          case Action.Step it -> ModelGate.step(team, platform, it);
          case Action.Settle it -> ModelGate.settle(team, it);
          case Action.Finish it -> ModelGate.finish(team, it);
        };
    heal();
    seen.addAll(keys.keySet());
    return answer;
  }

  private ModelAnswer apply(Team team, Spec spec) {
    Spec old = team.manifest == null ? Spec.EMPTY : team.manifest;
    boolean slugMoves =
        team.manifest != null
            && team.slugShown().filter(it -> !it.equals(team.slugWanted(spec))).isPresent()
            && !team.slugWanted(old).equals(team.slugWanted(spec));
    boolean moreThanThePlan = !refusals(old, spec).isEmpty();
    if (slugMoves || moreThanThePlan) {
      return ModelAnswer.INVALID;
    }
    boolean anew = team.manifest == null;
    boolean wasOn = !team.latches(platform).isEmpty() && team.isStored();
    team.manifest = spec;
    reconcile(team);
    boolean isOn = !team.latches(platform).isEmpty() && team.isStored();
    if (isOn && !wasOn) {
      team.activations++;
    }
    return anew ? ModelAnswer.CREATED : ModelAnswer.OK;
  }

  /** What a change asks for that its plan does not allow, by field in spec. */
  private static Set<String> refusals(Spec before, Spec after) {
    Set<String> refused = new TreeSet<>();
    after
        .values()
        .forEach((field, value) -> {
          if (field.isAbove(after.plan(), value) && !value.equals(before.values().get(field))) {
            refused.add(field.spec);
          }
        });
    if (after.kills() && !before.kills() && !after.plan().atLeast(Tier.SCALE)) {
      refused.add("killSwitch");
    }
    return refused;
  }

  /** The controller looks at a manifest. */
  private void reconcile(Team team) {
    Spec asked = Objects.requireNonNull(team.manifest);
    String slug = team.slugWanted(asked);
    boolean holdsAnother =
        team.state != State.ARCHIVED && team.slug.filter(it -> !it.equals(slug)).isPresent();
    boolean held =
        teams.values().stream()
            .filter(it -> it != team && it.state != State.ARCHIVED)
            .anyMatch(it -> it.slug.equals(Optional.of(slug)));
    team.foreign = new TreeSet<>();
    for (String label : asked.keys()) {
      if (holder(label).filter(it -> !isMine(team, it)).isPresent()) {
        team.foreign.add(label);
      }
    }
    Set<Cause> causes = new TreeSet<>();
    if (!refusals(team.declared, asked).isEmpty()) {
      causes.add(Cause.PLAN);
    }
    if (holdsAnother) {
      causes.add(Cause.SLUG_IMMUTABLE);
    } else if (held) {
      causes.add(Cause.SLUG_TAKEN);
    }
    boolean refused = !causes.isEmpty();
    if (Team.capIsNotInForce(asked)) {
      causes.add(Cause.PLAN);
    }
    if (!team.foreign.isEmpty()) {
      causes.add(Cause.API_KEY_TAKEN);
    }
    team.causes = causes;
    if (!refused) {
      accept(team, asked, slug);
    } else if (team.state == State.FROZEN) {
      // What is frozen is a manifest's again, as it is.
      team.state = State.PRESENT;
    }
  }

  private boolean isMine(Team team, Key key) {
    return key.team().equals(team.name) || team(key.team()).state == State.ARCHIVED;
  }

  private void accept(Team team, Spec asked, String slug) {
    for (Field field : Field.values()) {
      team.row(
          "Declared",
          field.rest,
          Optional.ofNullable(team.declared.values().get(field)),
          Optional.ofNullable(asked.values().get(field)));
    }
    team.row(
        "Declared", "kill_switch", Optional.of(team.declared.kills()), Optional.of(asked.kills()));
    team.declared = asked;
    team.slug = Optional.of(slug);
    team.state = State.PRESENT;
    Set<String> listed = new TreeSet<>(asked.keys());
    listed.removeAll(team.foreign);
    keys.entrySet()
        .removeIf(it ->
            it.getValue().declared()
                && it.getValue().team().equals(team.name)
                && !listed.contains(it.getKey()));
    listed.forEach(label -> keys.put(label, new Key(team.name, true)));
  }

  private ModelAnswer delete(Team team) {
    team.manifest = null;
    team.causes = new TreeSet<>();
    if (team.state == State.PRESENT) {
      team.state = team.declared.delete() ? State.ARCHIVED : State.FROZEN;
    }
    return ModelAnswer.OK;
  }

  /** Whoever waits for a slug or a key gets it once it is free. */
  private void heal() {
    for (Team team : teams.values()) {
      if (team.manifest != null && !team.causes.isEmpty()) {
        boolean wasOn = !team.latches(platform).isEmpty() && team.isStored();
        reconcile(team);
        if (!wasOn && team.isStored() && !team.latches(platform).isEmpty()) {
          team.activations++;
        }
      }
    }
  }

  private ModelAnswer patch(Team team, Map<Field, Optional<Object>> fields) {
    if (team.state == State.ARCHIVED) {
      return ModelAnswer.ARCHIVED;
    }
    boolean managed = false;
    boolean above = false;
    List<Runnable> changes = new ArrayList<>();
    for (Map.Entry<Field, Optional<Object>> entry : fields.entrySet()) {
      Field field = entry.getKey();
      Optional<Object> asked = entry.getValue();
      Object beneath = team.beneath(field).value();
      if (isShown(field, team.inForce(field).value(), asked) || isShown(field, beneath, asked)) {
        continue;
      }
      boolean declared = team.declared.values().containsKey(field);
      if (declared && team.isManaged()) {
        managed |= asked.isPresent() || !team.byDefault(field).value().equals(beneath);
      } else if (asked.filter(it -> field.isAbove(team.declared.plan(), it)).isPresent()) {
        above = true;
      } else {
        changes.add(() -> change(team, field, asked));
      }
    }
    if (managed) {
      return ModelAnswer.MANAGED;
    }
    if (above) {
      return ModelAnswer.PLAN;
    }
    changes.forEach(Runnable::run);
    return ModelAnswer.OK;
  }

  /** An unlimited budget is answered as null, and null is what is sent back. */
  private static boolean isShown(Field field, Object value, Optional<Object> asked) {
    return asked
        .map(value::equals)
        .orElseGet(() -> field.isBudget() && value.equals(Field.UNLIMITED));
  }

  /** Null silences every layer within reach; a value goes to the frozen layer if that has it. */
  private static void change(Team team, Field field, Optional<Object> asked) {
    Optional<Object> said = Optional.ofNullable(team.declared.values().get(field));
    if (said.isPresent() && !team.isManaged()) {
      team.row("Frozen", field.rest, said, asked);
      team.declared = team.declared.with(field, asked);
      if (asked.isPresent()) {
        return;
      }
    }
    team.row("Runtime", field.rest, Optional.ofNullable(team.runtime.get(field)), asked);
    asked.ifPresentOrElse(it -> team.runtime.put(field, it), () -> team.runtime.remove(field));
  }

  private ModelAnswer kill(Team team, boolean active) {
    if (team.state == State.ARCHIVED) {
      return ModelAnswer.ARCHIVED;
    }
    if (active) {
      return engage(team);
    }
    if (platform) {
      return new ModelAnswer(409, "KILL_SWITCH_PLATFORM");
    }
    if (team.declared.kills() && team.isManaged()) {
      return new ModelAnswer(409, "KILL_SWITCH_DECLARED");
    }
    if (team.declared.kills()) {
      team.row("Frozen", "kill_switch", Optional.of(true), Optional.of(false));
      team.declared = team.declared.withKillSwitch(Optional.of(false), team.declared.reason());
    }
    team.row("Runtime", "kill_switch", Optional.of(team.runtimeLatch), Optional.of(false));
    team.runtimeLatch = false;
    return ModelAnswer.OK;
  }

  private ModelAnswer engage(Team team) {
    if (team.runtimeLatch) {
      return ModelAnswer.OK;
    }
    if (!team.declared.plan().atLeast(Tier.SCALE)) {
      return ModelAnswer.PLAN;
    }
    if (team.latches(platform).isEmpty() && team.manifest != null) {
      team.activations++;
    }
    team.row("Runtime", "kill_switch", Optional.of(false), Optional.of(true));
    team.runtimeLatch = true;
    return ModelAnswer.OK;
  }

  private ModelAnswer killAll(boolean active) {
    if (active && !platform) {
      for (Team team : teams.values()) {
        boolean told = team.isStored() && team.manifest != null;
        if (told && team.latches(false).isEmpty()) {
          team.activations++;
        }
      }
    }
    platform = active;
    return ModelAnswer.OK;
  }

  private static ModelAnswer override(Team team, Action.MakeOverride asked) {
    if (team.state == State.ARCHIVED) {
      return ModelAnswer.ARCHIVED;
    }
    if (!team.declared.plan().atLeast(asked.field().needs)) {
      return ModelAnswer.PLAN;
    }
    team.overrides.add(new Team.TimeBoxed(asked.label(), asked.field(), asked.value()));
    team.rows.add("Override " + asked.field().rest + ": made");
    return ModelAnswer.CREATED;
  }

  private static ModelAnswer end(Team team, String label, ModelAnswer done) {
    if (team.state == State.ARCHIVED && done.equals(ModelAnswer.GONE)) {
      return ModelAnswer.ARCHIVED;
    }
    Team.TimeBoxed ended =
        team.overrides.stream().filter(it -> it.label().equals(label)).findFirst().orElseThrow();
    team.overrides.remove(ended);
    team.rows.add("Override " + ended.field().rest + ": ended");
    return done;
  }

  private ModelAnswer makeKey(Team team, String label) {
    if (team.state == State.ARCHIVED) {
      return ModelAnswer.ARCHIVED;
    }
    keys.put(label, new Key(team.name, false));
    return ModelAnswer.CREATED;
  }

  private ModelAnswer revokeKey(Team team, String label) {
    if (team.state == State.ARCHIVED) {
      return ModelAnswer.ARCHIVED;
    }
    Key key = keys.get(label);
    if (key == null || !key.team().equals(team.name)) {
      return ModelAnswer.NOT_FOUND;
    }
    if (key.declared() && team.isManaged()) {
      return ModelAnswer.MANAGED;
    }
    keys.remove(label);
    return ModelAnswer.GONE;
  }
}
