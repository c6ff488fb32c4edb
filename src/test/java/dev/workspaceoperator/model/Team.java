package dev.workspaceoperator.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One workspace as the contract has it. */
final class Team {
  final String name;

  /** What the API server has; null while there is no resource. */
  @Nullable Spec manifest;

  State state = State.UNKNOWN;

  /** The declared layer: the last accepted manifest, or what REST left of it while frozen. */
  Spec declared = Spec.EMPTY;

  Optional<String> slug = Optional.empty();
  final Map<Field, Object> runtime = new EnumMap<>(Field.class);
  boolean runtimeLatch;
  final List<TimeBoxed> overrides = new ArrayList<>();
  final Books books = new Books();

  /** Why something that the manifest asks for is not in force; empty for nothing. */
  Set<Cause> causes = new TreeSet<>();

  /** Keys that the manifest lists and somebody else holds. */
  Set<String> foreign = new TreeSet<>();

  /** Audit rows of settings since they were last compared. */
  final List<String> rows = new ArrayList<>();

  /** How often an event had to tell that the kill switch went on. */
  int activations;

  Team(String name) {
    this.name = name;
  }

  /** Whether and how it is stored. */
  enum State {
    UNKNOWN,
    PRESENT,
    FROZEN,
    ARCHIVED
  }

  /** Why a manifest is Stalled; the first counts as the reason. */
  enum Cause {
    PLAN("PlanUpgradeRequired"),
    SLUG_IMMUTABLE("SlugImmutable"),
    SLUG_TAKEN("SlugTaken"),
    API_KEY_TAKEN("ApiKeyTaken");

    final String reason;

    Cause(String reason) {
      this.reason = reason;
    }
  }

  /** A live override. */
  record TimeBoxed(String label, Field field, Object value) {}

  /** A value in force, and the layer that it comes from. */
  record Value(Object value, String source) {}

  /** The slug that status shows: held, and not only wished for. */
  Optional<String> slugShown() {
    return state == State.ARCHIVED ? Optional.empty() : slug;
  }

  boolean isStored() {
    return state != State.UNKNOWN;
  }

  /** Whether a manifest rules the declared layer: accepted or refused, while it exists. */
  boolean isManaged() {
    return manifest != null && state != State.ARCHIVED;
  }

  String slugWanted(Spec spec) {
    return spec.slug().orElse(name);
  }

  Optional<TimeBoxed> live(Field field) {
    return overrides.stream().filter(it -> it.field() == field).reduce((_, newer) -> newer);
  }

  Value inForce(Field field) {
    boolean asleep = field == Field.CAP && declared.plan() == Tier.BASIC;
    Optional<TimeBoxed> override = asleep ? Optional.empty() : live(field);
    return override.map(it -> new Value(it.value(), "Override")).orElseGet(() -> beneath(field));
  }

  Value beneath(Field field) {
    Object said = declared.values().get(field);
    if (field == Field.CAP && declared.plan() == Tier.BASIC) {
      int three = Tier.BASIC.runs;
      return new Value(three, Integer.valueOf(three).equals(said) ? "Declared" : "PlanDefault");
    }
    if (said != null) {
      return new Value(said, "Declared");
    }
    Object set = runtime.get(field);
    return set != null ? new Value(set, "Runtime") : byDefault(field);
  }

  Value byDefault(Field field) {
    return switch (field) {
      case NAME -> new Value(name, "Default");
      case DAILY, USER -> new Value(Field.UNLIMITED, "Default");
      case CAP -> new Value(declared.plan().runs, "PlanDefault");
    };
  }

  /** The latches that are on, strongest first. */
  List<String> latches(boolean platform) {
    List<String> on = new ArrayList<>();
    if (platform) {
      on.add("Platform");
    }
    if (declared.kills()) {
      on.add("Declared");
    }
    if (runtimeLatch) {
      on.add("Runtime");
    }
    return on;
  }

  /** Accepted earlier, above the plan now, and in force. */
  List<String> kept() {
    List<String> kept = new ArrayList<>();
    Object user = inForce(Field.USER).value();
    if (Field.USER.isAbove(declared.plan(), user)) {
      kept.add(Field.USER.rest);
    }
    if ((declared.kills() || runtimeLatch) && !declared.plan().atLeast(Tier.SCALE)) {
      kept.add("kill_switch");
    }
    return kept;
  }

  /** What an upgrade brings back: set by REST or an override, and not hidden by the manifest. */
  List<String> asleep() {
    Optional<Object> waking =
        live(Field.CAP)
            .map(TimeBoxed::value)
            .or(() ->
                declared.values().containsKey(Field.CAP)
                    ? Optional.empty()
                    : Optional.ofNullable(runtime.get(Field.CAP)));
    return waking.filter(it -> Field.CAP.isAbove(declared.plan(), it)).isPresent()
        ? List.of(Field.CAP.rest)
        : List.of();
  }

  /** What is declared and cannot be: a cap other than 3 on Basic. */
  List<String> notInForce() {
    return capIsNotInForce(declared) ? List.of(Field.CAP.rest) : List.of();
  }

  static boolean capIsNotInForce(Spec spec) {
    Object cap = spec.values().get(Field.CAP);
    return cap != null && Field.CAP.isAbove(spec.plan(), cap);
  }

  void row(String layer, String field, Optional<?> before, Optional<?> after) {
    if (!before.equals(after)) {
      rows.add("%s %s: %s -> %s".formatted(layer, field, json(before), json(after)));
    }
  }

  /** As audit rows have it: text in quotes, numbers and booleans plain, silence as null. */
  private static String json(Optional<?> value) {
    return value
        .map(it -> it instanceof String ? '"' + it.toString() + '"' : it.toString())
        .orElse("null");
  }

  /** Runs and money, in micro-USD. */
  static final class Books {
    long spent;
    long reserved;
    final Map<String, Run> runs = new LinkedHashMap<>();
    final Map<String, long[]> users = new TreeMap<>();

    long[] of(String user) {
      return users.computeIfAbsent(user, _ -> new long[2]);
    }

    Run run(String label) {
      return Optional.ofNullable(runs.get(label)).orElseThrow();
    }

    void book(Run run, long moreSpent, long moreReserved) {
      spent += moreSpent;
      reserved += moreReserved;
      of(run.user)[0] += moreSpent;
      of(run.user)[1] += moreReserved;
      run.spent += moreSpent;
      run.reserved += moreReserved;
    }

    long active() {
      return runs.values().stream().filter(it -> it.outcome.isEmpty()).count();
    }
  }

  /** A run that was admitted. */
  static final class Run {
    final String user;
    final Optional<Long> cap;
    Optional<String> outcome = Optional.empty();
    long spent;
    long reserved;
    final Map<String, Step> steps = new LinkedHashMap<>();

    Step step(String label) {
      return Optional.ofNullable(steps.get(label)).orElseThrow();
    }

    Run(String user, Optional<Long> cap) {
      this.user = user;
      this.cap = cap;
    }
  }

  /** A step that was admitted. */
  static final class Step {
    final long reserved;
    Optional<Long> cost = Optional.empty();

    Step(long reserved) {
      this.reserved = reserved;
    }
  }
}
