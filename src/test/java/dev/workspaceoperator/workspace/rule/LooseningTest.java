package dev.workspaceoperator.workspace.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Declaration;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.EffectiveValue;
import dev.workspaceoperator.workspace.Permission;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.TestSettings;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A manifest is written as {@code plan=Pro daily=10 runs=5 killed key=a/keys:write/2030}, a status
 * as {@code daily=Runtime/5 used}; what is not written is absent.
 */
class LooseningTest {
  private static final Loosening UNLIMITED = new Loosening(PlanDefaults.STANDARD);
  private static final Loosening FIFTY =
      new Loosening(PlanDefaults.STANDARD.withBudgets(usd("50"), usd("5")));

  @ParameterizedTest(name = "{0} | {1} → {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      nullValues = "-",
      textBlock =
          """
          daily=10                  | - | daily=10                   | -
          daily=10                  | - | daily=10.000000            | -
          daily=10                  | - | daily=9.999999             | -
          daily=10                  | - | daily=10.000001            | raise budgets/daily
          daily=10                  | - | daily=1000000000           | raise budgets/daily
          daily=10                  | - | daily=unlimited            | raise budgets/daily
          daily=10                  | - | -                          | raise budgets/daily
          daily=0                   | - | daily=0.000001             | raise budgets/daily
          daily=unlimited           | - | -                          | -
          daily=unlimited           | - | daily=1000000000           | -
          -                         | - | daily=unlimited            | -
          -                         | - | daily=10                   | -
          -                         | daily=Default/unlimited | daily=10 | -
          -                         | daily=Runtime/5         | daily=5  | -
          -                         | daily=Runtime/5         | daily=6  | raise budgets/daily
          -                         | daily=Override/5        | daily=0  | -
          -                         | daily=Override/5        | daily=1  | raise budgets/daily
          daily=10                  | daily=Override/500      | daily=11 | raise budgets/daily
          -                         | daily=Runtime/5         | -        | -
          plan=Pro user=5           | - | plan=Pro user=6            | raise budgets/user
          plan=Pro user=5           | - | plan=Pro                   | raise budgets/user
          plan=Pro user=5           | - | plan=Pro user=4            | -
          plan=Pro user=5           | - | user=5                     | -
          plan=Pro user=5           | - | -                          | raise budgets/user
          plan=Pro                  | user=Runtime/5 | plan=Pro user=6 | raise budgets/user
          plan=Pro runs=5           | - | plan=Pro runs=6            | raise budgets/runs
          plan=Pro runs=5           | - | plan=Pro runs=5            | -
          plan=Pro runs=5           | - | plan=Pro runs=4            | -
          plan=Pro runs=5           | - | plan=Pro                   | raise budgets/runs
          plan=Pro runs=20          | - | plan=Pro                   | raise budgets/runs
          plan=Pro                  | - | plan=Pro runs=10           | -
          plan=Pro                  | - | plan=Pro runs=11           | raise budgets/runs
          plan=Pro                  | runs=PlanDefault/10 | plan=Pro runs=10 | -
          plan=Pro                  | runs=Runtime/4      | plan=Pro runs=5  | raise budgets/runs
          plan=Pro                  | runs=Runtime/40     | plan=Pro runs=40 | -
          plan=Pro                  | runs=Override/40    | plan=Pro runs=1  | raise budgets/runs
          runs=3                    | - | -                          | -
          runs=20                   | - | runs=3                     | -
          plan=Pro runs=5           | - | runs=5                     | -
          plan=Pro runs=2           | - | runs=2                     | raise budgets/runs
          plan=Pro runs=0           | - | -                          | raise budgets/runs
          plan=Pro                  | - | -                          | -
          plan=Pro                  | runs=Runtime/2      | -        | raise budgets/runs
          -                         | - | plan=Pro                   | assign plans/pro
          -                         | - | plan=Pro runs=10           | assign plans/pro
          -                         | - | plan=Pro runs=11           | assign plans/pro, raise budgets/runs
          runs=20                   | - | plan=Pro runs=20           | assign plans/pro
          plan=Scale                | - | plan=Pro                   | assign plans/pro
          plan=Enterprise           | - | -                          | -
          plan=Scale killed         | - | plan=Scale                 | release killswitches/declared
          plan=Scale killed         | - | plan=Scale killed          | -
          plan=Scale                | - | plan=Scale killed          | -
          plan=Scale killed         | - | -                          | release killswitches/declared
          -                         | used | delete                  | delete books/any
          -                         | -    | delete                  | -
          delete                    | used | delete daily=1          | -
          delete                    | used | -                       | -
          key=a/runs:write          | - | key=a/runs:write+keys:write  | grant scopes/keys-write
          key=a/keys:write          | - | key=a/keys:write           | -
          key=a/keys:write          | - | key=b/keys:write           | grant scopes/keys-write
          key=a/keys:write          | - | key=a/workspace:write      | grant scopes/workspace-write
          key=a/keys:write          | - | -                          | -
          key=a/keys:write/2030     | - | key=a/keys:write/2030      | -
          key=a/keys:write/2030     | - | key=a/keys:write/2029      | -
          key=a/keys:write/2030     | - | key=a/keys:write/2031      | grant scopes/keys-write
          key=a/keys:write/2030     | - | key=a/keys:write           | grant scopes/keys-write
          key=a/keys:write          | - | key=a/keys:write/2031      | -
          key=a/runs:write/2030     | - | key=a/runs:write           | -
          key=a/keys:write key=b/runs:write | - | key=b/keys:write key=a/keys:write | grant scopes/keys-write
          -                         | - | key=a/workspace:read+runs:write | -
          daily=1 plan=Scale killed | used | daily=2 plan=Pro runs=99 delete key=a/kill-switch:write | assign plans/pro, raise budgets/daily, raise budgets/runs, release killswitches/declared, delete books/any, grant scopes/kill-switch-write
          """)
  void aChange(
      @Nullable String before,
      @Nullable String status,
      @Nullable String after,
      @Nullable String needed) {
    assertThat(UNLIMITED.ofChange(manifest(before), standing(status), manifest(after)))
        .containsExactlyInAnyOrderElementsOf(permissions(needed));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          daily=0                   | -                   | -
          daily=0.000001            | raise budgets/daily | -
          daily=50                  | raise budgets/daily | -
          daily=50.000001           | raise budgets/daily | raise budgets/daily
          daily=unlimited           | raise budgets/daily | raise budgets/daily
          -                         | raise budgets/daily | raise budgets/daily
          daily=0 user=unlimited    | -                   | raise budgets/user
          daily=0 plan=Pro user=5   | assign plans/pro    | assign plans/pro
          daily=0 plan=Pro user=6   | assign plans/pro    | assign plans/pro, raise budgets/user
          daily=0 plan=Pro runs=10  | assign plans/pro    | assign plans/pro
          daily=0 plan=Pro runs=11  | assign plans/pro, raise budgets/runs | assign plans/pro, raise budgets/runs
          daily=0 runs=3            | -                   | -
          daily=0 delete            | -                   | -
          daily=0 key=a/workspace:write+workspace:read | grant scopes/workspace-write | grant scopes/workspace-write
          """)
  void aCreation(String made, @Nullable String needed, @Nullable String whereFiftyAreTheDefault) {
    assertThat(UNLIMITED.ofCreation(manifest(made)))
        .containsExactlyInAnyOrderElementsOf(permissions(needed));
    assertThat(FIFTY.ofCreation(manifest(made)))
        .containsExactlyInAnyOrderElementsOf(permissions(whereFiftyAreTheDefault));
  }

  /** Whoever may only edit could make it anew. */
  @ParameterizedTest(name = "{0} | {1}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          daily=10                  | -               | -                             | raise budgets/daily
          daily=50                  | -               | -                             | -
          -                         | -               | -                             | -
          -                         | daily=Runtime/5 | -                             | raise budgets/daily
          daily=50 plan=Pro user=4  | -               | -                             | raise budgets/user
          daily=50 plan=Pro user=5  | -               | -                             | raise budgets/user
          daily=50 user=500         | -               | -                             | raise budgets/user
          daily=50 user=unlimited   | -               | -                             | -
          daily=50                  | user=Runtime/4  | -                             | raise budgets/user
          daily=50                  | user=Runtime/500 | -                            | -
          daily=50 plan=Pro runs=2  | -               | -                             | raise budgets/runs
          daily=50 plan=Pro runs=3  | -               | -                             | -
          daily=50 plan=Scale killed | used           | release killswitches/declared | release killswitches/declared
          daily=50 delete           | used            | -                             | -
          """)
  void aDeletion(
      @Nullable String before,
      @Nullable String status,
      @Nullable String needed,
      @Nullable String whereFiftyAreTheDefault) {
    assertThat(UNLIMITED.ofDeletion(manifest(before), standing(status)))
        .containsExactlyInAnyOrderElementsOf(permissions(needed));
    assertThat(FIFTY.ofDeletion(manifest(before), standing(status)))
        .containsExactlyInAnyOrderElementsOf(permissions(whereFiftyAreTheDefault));
  }

  /**
   * It is the same workspace, and what the REST API set beneath a limit comes in force without it.
   */
  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource({
    "daily=0, plan=Basic",
    "daily=50, plan=Basic",
    "daily=500, plan=Basic",
    "daily=500 plan=Pro user=4, plan=Pro daily=50",
    "daily=500 plan=Pro user=5, plan=Pro daily=50",
    "daily=500 plan=Pro user=500, plan=Pro daily=50",
    "daily=500 user=500, daily=50",
  })
  void makingAnewWithoutALimitNeedsWhatItsRemovalNeeds(String before, String after) {
    Set<Permission> removal = FIFTY.ofChange(manifest(before), Standing.UNSEEN, manifest(after));
    Set<Permission> anew = new LinkedHashSet<>();
    anew.addAll(FIFTY.ofDeletion(manifest(before), Standing.UNSEEN));
    anew.addAll(FIFTY.ofCreation(manifest(after)));

    assertThat(removal).isNotEmpty();
    assertThat(anew).containsAll(removal);
  }

  @Test
  void unlimitedIsTheLoosest() {
    assertThat(Loosening.isLooser(usd("1000000000"), Budget.UNLIMITED)).isTrue();
    assertThat(Loosening.isLooser(Budget.UNLIMITED, Budget.UNLIMITED)).isFalse();
    assertThat(Loosening.isLooser(Budget.UNLIMITED, usd("1000000000"))).isFalse();
  }

  private static Declaration manifest(@Nullable String text) {
    Map<String, String> fields = fields(text);
    return new Declaration(
        new DeclaredSettings(
            Plan.ofLabel(fields.getOrDefault("plan", "Basic")).orElseThrow(),
            TestSettings.values(
                Optional.empty(),
                field(fields, "daily").map(LooseningTest::usd),
                field(fields, "user").map(LooseningTest::usd),
                field(fields, "runs").map(Integer::valueOf)),
            field(fields, "killed").map(_ -> true),
            Optional.empty()),
        fields.containsKey("delete") ? DeletionPolicy.DELETE : DeletionPolicy.RETAIN,
        words(text)
            .filter(word -> word.startsWith("key="))
            .map(word -> key(word.substring("key=".length())))
            .toList());
  }

  private static DeclaredApiKey key(String text) {
    List<String> parts = List.of(text.split("/", -1));
    return new DeclaredApiKey(
        "named " + text,
        new ApiKeyDigest(parts.get(0).repeat(64)),
        Arrays.stream(parts.get(1).split("\\+", -1))
            .map(scope -> Scope.ofLabel(scope).orElseThrow())
            .collect(Collectors.toSet()),
        parts.size() < 3
            ? Optional.empty()
            : Optional.of(Instant.parse(parts.get(2) + "-01-01T00:00:00Z")));
  }

  private static Standing standing(@Nullable String text) {
    Map<String, String> fields = fields(text);
    Map<Setting, EffectiveValue<?>> told = new EnumMap<>(Setting.class);
    inForce(fields, "daily")
        .ifPresent(it -> told.put(Setting.DAILY_BUDGET, it.map(LooseningTest::usd)));
    inForce(fields, "user")
        .ifPresent(it -> told.put(Setting.USER_DAILY_BUDGET, it.map(LooseningTest::usd)));
    inForce(fields, "runs")
        .ifPresent(it -> told.put(Setting.MAX_CONCURRENT_RUNS, it.map(Integer::valueOf)));
    return new Standing(told, fields.containsKey("used"));
  }

  private record Told(Source source, String value) {
    <T> EffectiveValue<T> map(Function<String, T> reader) {
      return EffectiveValue.of(reader.apply(value), source);
    }
  }

  private static Optional<Told> inForce(Map<String, String> fields, String name) {
    return field(fields, name)
        .map(text -> List.of(text.split("/", -1)))
        .map(parts ->
            new Told(
                Arrays.stream(Source.values())
                    .filter(source -> source.label().equals(parts.get(0)))
                    .findFirst()
                    .orElseThrow(),
                parts.get(1)));
  }

  private static Set<Permission> permissions(@Nullable String text) {
    return text == null
        ? Set.of()
        : Arrays.stream(text.split(",", -1))
            .map(permission -> List.of(permission.strip().split("[ /]", -1)))
            .map(parts -> new Permission(parts.get(0), parts.get(1), parts.get(2)))
            .collect(Collectors.toSet());
  }

  private static Optional<String> field(Map<String, String> fields, String name) {
    return Optional.ofNullable(fields.get(name));
  }

  private static Map<String, String> fields(@Nullable String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    words(text)
        .map(word -> List.of(word.split("=", 2)))
        .forEach(parts -> fields.put(parts.getFirst(), parts.getLast()));
    return fields;
  }

  private static Stream<String> words(@Nullable String text) {
    return text == null ? Stream.of() : Arrays.stream(text.strip().split(" ", -1));
  }

  private static Budget usd(String text) {
    return Budget.ofText(text).orElseThrow();
  }
}
