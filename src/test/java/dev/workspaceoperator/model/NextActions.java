package dev.workspaceoperator.model;

import dev.workspaceoperator.model.Action.Tool;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What people do next, by chance: the same for the same seed, as the model is pure. */
final class NextActions {
  /** Two and two of them want the same slug and the same keys. */
  static final List<String> TEAMS = List.of("ada", "bob", "cyd", "dan");

  /** Secrets that manifests list. */
  static final List<String> SECRETS = List.of("k-ab-1", "k-ab-2", "k-cd-1", "k-cd-2");

  private static final List<Object> BUDGETS = List.of("0", "0.5", "2", "25.5", "unlimited");
  private static final List<Object> CAPS = List.of(0, 1, 3, 4, 20);
  private static final List<Object> NAMES = List.of("Alpha", "Beta");
  private static final List<String> USERS = List.of("uma", "vic");
  private static final List<String> OUTCOMES = List.of("succeeded", "failed", "cancelled");

  private final Random random;
  private int labels;

  NextActions(long seed) {
    this.random = new Random(seed);
  }

  Action next(Model model) {
    Team team = model.team(one(TEAMS));
    if (model.platform() && random.nextInt(4) == 0) {
      return new Action.KillAll(team.name, false);
    }
    if (team.manifest == null && (!team.isStored() || random.nextInt(100) < 30)) {
      return new Action.Apply(team.name, fresh(model, team), tool());
    }
    int dice = random.nextInt(100);
    if (!team.isStored()) {
      return dice < 80 ? manifest(model, team) : new Action.Delete(team.name, tool());
    }
    if (dice < 34) {
      return team.manifest == null ? rest(model, team) : manifest(model, team);
    }
    if (dice < 40 && team.manifest != null) {
      return new Action.Delete(team.name, tool());
    }
    return dice < 72 ? rest(model, team) : run(team);
  }

  /** The first manifest of a resource, also of one that is made again. */
  private Spec fresh(Model model, Team team) {
    Spec base = random.nextInt(3) == 0 ? team.declared : Spec.EMPTY;
    Spec spec = base.withPlan(one(List.of(Tier.values())));
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      spec = changed(model, spec, team);
    }
    return spec.withSlug(slug(team));
  }

  private Action manifest(Model model, Team team) {
    Spec spec = changed(model, Objects.requireNonNull(team.manifest), team);
    if (random.nextInt(4) == 0) {
      spec = changed(model, spec, team);
    }
    if (random.nextInt(team.slugShown().isEmpty() ? 2 : 8) == 0) {
      spec = spec.withSlug(slug(team));
    }
    return new Action.Apply(team.name, spec, tool());
  }

  private Spec changed(Model model, Spec spec, Team team) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> spec.withPlan(one(List.of(Tier.values())));
      case 3, 4, 5, 6 -> {
        Field field = one(List.of(Field.values()));
        yield spec.with(
            field, random.nextInt(4) == 0 ? Optional.empty() : Optional.of(value(field)));
      }
      case 7 ->
          spec.withKillSwitch(
              one(List.of(Optional.of(true), Optional.of(false), Optional.<Boolean>empty())),
              spec.reason());
      case 8 -> spec.withDelete(!spec.delete());
      default -> spec.withKeys(listed(model, team));
    };
  }

  private Set<String> listed(Model model, Team team) {
    Set<String> keys = new TreeSet<>();
    Stream.concat(SECRETS.stream(), model.labels().stream())
        .distinct()
        .filter(label -> isOfPair(label, team))
        .filter(_ -> random.nextInt(3) == 0)
        .forEach(keys::add);
    return keys;
  }

  /** Those that want the same things. */
  static Set<String> pairOf(String team) {
    return Set.copyOf(TEAMS.indexOf(team) < 2 ? TEAMS.subList(0, 2) : TEAMS.subList(2, 4));
  }

  /** At most two want one thing, so that it is clear who gets it when it is free. */
  private static boolean isOfPair(String label, Team team) {
    return label.startsWith(pair(team));
  }

  private static String pair(Team team) {
    return TEAMS.indexOf(team.name) < 2 ? "k-ab" : "k-cd";
  }

  private Optional<String> slug(Team team) {
    return switch (random.nextInt(5)) {
      case 0 -> Optional.of("shared-" + pair(team));
      case 1 -> Optional.of(team.name + "-own");
      default -> Optional.empty();
    };
  }

  private Action rest(Model model, Team team) {
    int dice = random.nextInt(100);
    if (dice < 40) {
      Map<Field, Optional<Object>> fields = new EnumMap<>(Field.class);
      for (int more = 1 + random.nextInt(2); more > 0; more--) {
        Field field = one(List.of(Field.values()));
        // Of an unlimited budget JSON says null.
        Optional<Object> value =
            random.nextInt(4) == 0 ? Optional.empty() : Optional.of(value(field));
        fields.put(field, value.filter(it -> !it.equals(Field.UNLIMITED)));
      }
      return new Action.Patch(team.name, fields);
    }
    if (dice < 50) {
      return new Action.SendBack(team.name);
    }
    if (dice < 65) {
      return new Action.Kill(team.name, random.nextBoolean());
    }
    if (dice < 68) {
      return new Action.KillAll(team.name, !model.platform());
    }
    if (dice < 80) {
      Field field = one(List.of(Field.DAILY, Field.USER, Field.CAP));
      return new Action.MakeOverride(team.name, label("o"), field, value(field));
    }
    if (dice < 88 && !team.overrides.isEmpty()) {
      String label = one(team.overrides).label();
      return random.nextInt(3) == 0
          ? new Action.PassOverride(team.name, label)
          : new Action.EndOverride(team.name, label);
    }
    List<String> held = model.keysOf(team).stream().map(it -> it.split(" ", 2)[0]).toList();
    if (dice < 94 && !held.isEmpty()) {
      return new Action.RevokeKey(team.name, one(held));
    }
    return new Action.MakeKey(team.name, label(pair(team) + "-made"));
  }

  private Action run(Team team) {
    List<String> running =
        team.books.runs.entrySet().stream()
            .filter(it -> it.getValue().outcome.isEmpty() || random.nextInt(4) == 0)
            .map(Map.Entry::getKey)
            .toList();
    int dice = random.nextInt(100);
    if (running.isEmpty() || dice < 35) {
      Optional<Integer> cap =
          random.nextInt(3) == 0 ? Optional.of(random.nextInt(4) * 50) : Optional.empty();
      return new Action.Start(team.name, label("r"), one(USERS), cap);
    }
    String run = one(running);
    List<String> steps = List.copyOf(team.books.run(run).steps.keySet());
    if (dice < 65 || steps.isEmpty()) {
      return new Action.Step(team.name, run, label("s"), random.nextInt(5) * 20);
    }
    return dice < 85
        ? new Action.Settle(team.name, run, one(steps), random.nextInt(5) * 20)
        : new Action.Finish(team.name, run, one(OUTCOMES));
  }

  private Object value(Field field) {
    return switch (field) {
      case NAME -> one(NAMES);
      case DAILY, USER -> one(BUDGETS);
      case CAP -> one(CAPS);
    };
  }

  private String label(String prefix) {
    labels++;
    return prefix + "-" + labels;
  }

  private Tool tool() {
    return random.nextInt(8) == 0 ? Tool.KUBECTL : Tool.CLIENT;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}
