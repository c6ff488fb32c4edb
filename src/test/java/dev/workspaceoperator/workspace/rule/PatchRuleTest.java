package dev.workspaceoperator.workspace.rule;

import static dev.workspaceoperator.workspace.Plan.BASIC;
import static dev.workspaceoperator.workspace.Plan.PRO;
import static dev.workspaceoperator.workspace.Plan.SCALE;
import static dev.workspaceoperator.workspace.Setting.DAILY_BUDGET;
import static dev.workspaceoperator.workspace.Setting.MAX_CONCURRENT_RUNS;
import static dev.workspaceoperator.workspace.Setting.NAME;
import static dev.workspaceoperator.workspace.Setting.USER_DAILY_BUDGET;
import static dev.workspaceoperator.workspace.StoredWorkspace.State.ARCHIVED;
import static dev.workspaceoperator.workspace.StoredWorkspace.State.FROZEN;
import static dev.workspaceoperator.workspace.StoredWorkspace.State.PRESENT;
import static dev.workspaceoperator.workspace.rule.PatchCells.DEFAULTS;
import static dev.workspaceoperator.workspace.rule.PatchCells.FINITE;
import static dev.workspaceoperator.workspace.rule.PatchCells.NULL;
import static dev.workspaceoperator.workspace.rule.PatchCells.SILENT;
import static dev.workspaceoperator.workspace.rule.PatchCells.USD_25;
import static dev.workspaceoperator.workspace.rule.PatchCells.USD_30;
import static dev.workspaceoperator.workspace.rule.PatchCells.overridden;
import static dev.workspaceoperator.workspace.rule.PatchCells.some;
import static dev.workspaceoperator.workspace.rule.PatchCells.workspace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.EffectiveValue;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.Workspaces;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class PatchRuleTest {
  /** What a patch of one field does, in words: which layer gets which value, or the refusal. */
  static Stream<Arguments> cells() {
    return Stream.of(
        // sentence, state, plan, setting, declared, runtime, asked, outcome
        row("sets what nobody set", PRESENT, PRO, NAME, SILENT, SILENT, some("A"), "RUNTIME=A"),
        row("replaces", PRESENT, PRO, NAME, SILENT, some("A"), some("B"), "RUNTIME=B"),
        row("equal to runtime", PRESENT, PRO, NAME, SILENT, some("A"), some("A"), "unchanged"),
        row(
            "a default is not pinned",
            PRESENT,
            PRO,
            NAME,
            SILENT,
            SILENT,
            some(Workspaces.NAME),
            "unchanged"),
        row("nor a plan's", PRESENT, SCALE, RUNS, SILENT, SILENT, some(50), "unchanged"),
        row("clears", PRESENT, PRO, NAME, SILENT, some("A"), NULL, "RUNTIME=silent"),
        row("clears what is clear", PRESENT, PRO, NAME, SILENT, SILENT, NULL, "unchanged"),
        row("a manifest's field", PRESENT, PRO, NAME, some("A"), SILENT, some("B"), "managed"),
        row("equal to it", PRESENT, PRO, NAME, some("A"), SILENT, some("A"), "unchanged"),
        row("clears it", PRESENT, PRO, NAME, some("A"), SILENT, NULL, "managed"),
        row(
            "clears what is declared as the default",
            PRESENT,
            PRO,
            DAILY_BUDGET,
            some(Budget.UNLIMITED),
            SILENT,
            NULL,
            "unchanged"),
        row(
            "equal to what sleeps beneath a manifest",
            PRESENT,
            PRO,
            NAME,
            some("A"),
            some("B"),
            some("B"),
            "managed"),
        row("a user budget", PRESENT, PRO, USER, SILENT, SILENT, some(USD_25), "RUNTIME=25"),
        row("on Basic", PRESENT, BASIC, USER, SILENT, SILENT, some(USD_25), "plan"),
        row("another one kept", PRESENT, BASIC, USER, SILENT, some(USD_25), some(USD_30), "plan"),
        row("the one kept", PRESENT, BASIC, USER, SILENT, some(USD_25), some(USD_25), "unchanged"),
        row("frees it", PRESENT, BASIC, USER, SILENT, some(USD_25), NULL, "RUNTIME=silent"),
        row(
            "unlimited on Basic",
            PRESENT,
            BASIC,
            USER,
            SILENT,
            some(USD_25),
            some(Budget.UNLIMITED),
            "RUNTIME=unlimited"),
        row(
            "a daily budget on Basic",
            PRESENT,
            BASIC,
            DAY,
            SILENT,
            SILENT,
            some(USD_25),
            "RUNTIME=25"),
        row("3 runs on Basic", PRESENT, BASIC, RUNS, SILENT, SILENT, some(3), "unchanged"),
        row("3 over a sleeping 20", PRESENT, BASIC, RUNS, SILENT, some(20), some(3), "unchanged"),
        row("20 over a sleeping 20", PRESENT, BASIC, RUNS, SILENT, some(20), some(20), "plan"),
        row("clears a sleeping 20", PRESENT, BASIC, RUNS, SILENT, some(20), NULL, "RUNTIME=silent"),
        row("3 over a declared 20", PRESENT, BASIC, RUNS, some(20), SILENT, some(3), "unchanged"),
        row("20 over a declared 20", PRESENT, BASIC, RUNS, some(20), SILENT, some(20), "managed"),
        row("a frozen field", FROZEN, PRO, DAY, some(USD_25), SILENT, some(USD_30), "FROZEN=30"),
        row("equal to it", FROZEN, PRO, DAY, some(USD_25), SILENT, some(USD_25), "unchanged"),
        row("not frozen", FROZEN, PRO, DAY, SILENT, SILENT, some(USD_30), "RUNTIME=30"),
        row("clears a frozen field", FROZEN, PRO, DAY, some(USD_25), SILENT, NULL, "FROZEN=silent"),
        row(
            "an unlimited one is answered as null, and null is sent back",
            FROZEN,
            PRO,
            DAY,
            some(Budget.UNLIMITED),
            some(USD_30),
            NULL,
            "unchanged"),
        row(
            "clears both layers, so that the default is in force",
            FROZEN,
            PRO,
            DAY,
            some(USD_25),
            some(USD_30),
            NULL,
            "FROZEN=silent, RUNTIME=silent"),
        row("frozen on Basic", FROZEN, BASIC, USER, some(USD_25), SILENT, some(USD_30), "plan"),
        row("archived", ARCHIVED, PRO, DAY, SILENT, SILENT, some(USD_30), "archived"),
        row("clears archived", ARCHIVED, PRO, DAY, SILENT, some(USD_30), NULL, "archived"),
        row("equal, archived", ARCHIVED, PRO, DAY, some(USD_25), SILENT, some(USD_25), "archived"));
  }

  private static final Setting RUNS = MAX_CONCURRENT_RUNS;
  private static final Setting USER = USER_DAILY_BUDGET;
  private static final Setting DAY = DAILY_BUDGET;

  @ParameterizedTest(name = "{0}: {1} {2} {3}, declared {4}, runtime {5}, asked {6}: {7}")
  @MethodSource("cells")
  void onePatchOfOneField(
      String sentence,
      State state,
      Plan plan,
      Setting setting,
      Optional<?> declared,
      Optional<?> runtime,
      Optional<?> asked,
      String outcome) {
    assertThat(words(judge(workspace(state, plan, setting, declared, runtime), setting, asked)))
        .as(sentence)
        .isEqualTo(outcome);
  }

  /** Every state, plan, setting, value of both layers and value asked for. */
  @ParameterizedTest
  @FieldSource("dev.workspaceoperator.workspace.rule.PatchCells#INSTALLATIONS")
  void whatHoldsForEveryCell(PlanDefaults defaults) {
    int cells = 0;
    for (State state : State.values()) {
      for (Plan plan : Plan.values()) {
        for (Setting setting : Setting.values()) {
          for (Optional<?> declared : PatchCells.values(setting)) {
            for (Optional<?> runtime : PatchCells.values(setting)) {
              for (Optional<?> asked : PatchCells.values(setting)) {
                holds(workspace(state, plan, setting, declared, runtime), setting, asked, defaults);
                cells++;
              }
            }
          }
        }
      }
    }
    assertThat(cells).isEqualTo(3 * 4 * Setting.values().length * 5 * 5 * 5);
  }

  private static void holds(
      StoredWorkspace workspace, Setting setting, Optional<?> asked, PlanDefaults defaults) {
    Layers before = workspace.layers();
    Plan plan = before.declared().plan();
    Object inForce = inForce(before, setting, defaults);
    Judgement judgement = judge(workspace, Map.of(setting, asked), defaults);
    switch (judgement) {
      case Judgement.Unchanged() ->
          // Asking again for what one got is never refused.
          assertThat(asked.isEmpty() || asked.get().equals(inForce)).isTrue();
      case Judgement.Changed(Layers after, List<LayerChange> changes) -> {
        assertThat(changes).isNotEmpty();
        assertThat(inForce(after, setting, defaults))
            .isEqualTo(asked.isPresent() ? asked.get() : byDefault(plan, setting, defaults));
        assertThat(workspace.state()).isNotEqualTo(ARCHIVED);
        if (workspace.state() == PRESENT) {
          assertThat(after.declared()).isEqualTo(before.declared());
        }
        assertThat(after.killSwitch()).isEqualTo(before.killSwitch());
        assertThat(judge(workspace(workspace.state(), after), Map.of(setting, asked), defaults))
            .as("the same once more")
            .isEqualTo(new Judgement.Unchanged());
      }
      case Judgement.Refused(Refusal.ManagedDeclaratively refusal) -> {
        assertThat(workspace.state()).isEqualTo(PRESENT);
        assertThat(before.declared().values().get(setting)).isPresent();
        assertThat(refusal)
            .isEqualTo(
                new Refusal.ManagedDeclaratively(Workspaces.IDENTITY, List.of(setting.restName())));
      }
      case Judgement.Refused(Refusal.PlanTooLow refusal) -> {
        assertThat(plan).isEqualTo(BASIC);
        assertThat(setting).isNotIn(NAME, DAILY_BUDGET);
        assertThat(asked).isPresent();
        assertThat(refusal.refusals())
            .containsExactly(new PlanRefusal(setting.specName(), setting.restName(), BASIC, PRO));
      }
      case Judgement.Refused(Refusal refusal) -> {
        assertThat(refusal).isEqualTo(new Refusal.Archived());
        assertThat(workspace.state()).isEqualTo(ARCHIVED);
      }
    }
  }

  @Test
  void allFieldsOfAKindAreRefusedTogether() {
    SettingValues declared =
        SettingValues.NONE.with(NAME, some("A")).with(DAILY_BUDGET, some(USD_25));
    StoredWorkspace workspace = Workspaces.of(PRESENT, BASIC, declared, SettingValues.NONE);

    assertThat(
            judge(workspace, Map.of(NAME, some("B"), DAILY_BUDGET, some(USD_30), RUNS, some(20))))
        .as("a conflict comes before the plan")
        .isEqualTo(
            new Judgement.Refused(
                new Refusal.ManagedDeclaratively(
                    Workspaces.IDENTITY, List.of("name", "daily_budget_usd"))));
    assertThat(judge(workspace, Map.of(USER, some(USD_25), RUNS, some(20))))
        .isEqualTo(
            new Judgement.Refused(
                new Refusal.PlanTooLow(
                    List.of(
                        new PlanRefusal("userDailyBudgetUsd", "user_daily_budget_usd", BASIC, PRO),
                        new PlanRefusal("maxConcurrentRuns", "max_concurrent_runs", BASIC, PRO)))));
  }

  @Test
  void underAnOverrideItsValueAndTheOneBeneathChangeNothing() {
    StoredWorkspace live = overridden(workspace(PRESENT, PRO, RUNS, SILENT, some(7)), RUNS, 20, 60);
    StoredWorkspace ended = overridden(workspace(PRESENT, PRO, RUNS, SILENT, some(7)), RUNS, 20, 0);

    assertThat(words(judge(live, RUNS, some(7)))).isEqualTo("unchanged");
    assertThat(words(judge(live, RUNS, some(20)))).isEqualTo("unchanged");
    assertThat(words(judge(live, RUNS, some(8)))).isEqualTo("RUNTIME=8");
    assertThat(words(judge(live, RUNS, NULL))).isEqualTo("RUNTIME=silent");
    assertThat(words(judge(ended, RUNS, some(20)))).isEqualTo("RUNTIME=20");
  }

  @Test
  void underAnOverrideThatBasicDoesNotLetWakeTheCapIsThree() {
    StoredWorkspace asleep =
        overridden(workspace(PRESENT, BASIC, RUNS, SILENT, some(7)), RUNS, 20, 60);

    assertThat(words(judge(asleep, RUNS, some(3)))).isEqualTo("unchanged");
    assertThat(words(judge(asleep, RUNS, some(20)))).isEqualTo("plan");
  }

  @Test
  void whatIsClearedComesBackToTheInstallationsDefault() {
    StoredWorkspace set = workspace(PRESENT, PRO, DAY, SILENT, some(USD_30));

    Judgement cleared = judge(set, Map.of(DAY, NULL), FINITE);
    assertThat(words(cleared)).isEqualTo("RUNTIME=silent");
    assertThat(
            EffectiveSettings.beneathOverrides(((Judgement.Changed) cleared).layers(), FINITE)
                .budget(Setting.DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(USD_25, Source.DEFAULT));
    assertThat(
            words(
                judge(
                    workspace(PRESENT, PRO, DAY, SILENT, SILENT),
                    Map.of(DAY, some(USD_25)),
                    FINITE)))
        .as("the default is not pinned")
        .isEqualTo("unchanged");
    assertThat(
            words(
                judge(
                    workspace(PRESENT, BASIC, USER, SILENT, SILENT),
                    Map.of(USER, some(USD_25)),
                    FINITE)))
        .as("on Basic the default for users is in force, and another needs Pro")
        .isEqualTo("plan");
  }

  @Test
  void anEmptyPatchChangesNothing() {
    assertThat(
            judge(Workspaces.of(FROZEN, BASIC, SettingValues.NONE, SettingValues.NONE), Map.of()))
        .isEqualTo(new Judgement.Unchanged());
  }

  private static Judgement judge(StoredWorkspace workspace, Setting setting, Optional<?> asked) {
    return judge(workspace, Map.of(setting, asked));
  }

  private static Judgement judge(StoredWorkspace workspace, Map<Setting, Optional<?>> fields) {
    return judge(workspace, fields, DEFAULTS);
  }

  private static Judgement judge(
      StoredWorkspace workspace, Map<Setting, Optional<?>> fields, PlanDefaults defaults) {
    return PatchCells.judge(workspace, fields, defaults);
  }

  private static String words(Judgement judgement) {
    return switch (judgement) {
      case Judgement.Unchanged() -> "unchanged";
      case Judgement.Changed(Layers _, List<LayerChange> changes) ->
          String.join(
              ", ",
              changes.stream()
                  .map(it -> it.layer() + "=" + it.after().map(Object::toString).orElse("silent"))
                  .toList());
      case Judgement.Refused(Refusal.ManagedDeclaratively _) -> "managed";
      case Judgement.Refused(Refusal.PlanTooLow _) -> "plan";
      case Judgement.Refused(Refusal.Archived _) -> "archived";
      case Judgement.Refused(Refusal other) -> other.toString();
    };
  }

  private static Object inForce(Layers layers, Setting setting, PlanDefaults defaults) {
    if (setting == MAX_CONCURRENT_RUNS && layers.declared().plan() == BASIC) {
      return 3;
    }
    Optional<?> declared = layers.declared().values().get(setting);
    Optional<?> set = declared.isPresent() ? declared : layers.runtime().get(setting);
    return set.isPresent() ? set.get() : byDefault(layers.declared().plan(), setting, defaults);
  }

  private static Object byDefault(Plan plan, Setting setting, PlanDefaults defaults) {
    return switch (setting) {
      case NAME -> Workspaces.NAME;
      case DAILY_BUDGET -> defaults.dailyBudget();
      case USER_DAILY_BUDGET -> defaults.userDailyBudget();
      case MONTHLY_BUDGET -> Budget.UNLIMITED;
      case MAX_CONCURRENT_RUNS ->
          switch (plan) {
            case BASIC -> 3;
            case PRO -> 10;
            case SCALE -> 50;
            case ENTERPRISE -> 200;
          };
    };
  }

  private static Arguments row(Object... columns) {
    return arguments(columns);
  }
}
