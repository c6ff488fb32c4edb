package dev.workspaceoperator.workspace.rule;

import static dev.workspaceoperator.workspace.KillLatch.Holder.DECLARED;
import static dev.workspaceoperator.workspace.KillLatch.Holder.PLATFORM;
import static dev.workspaceoperator.workspace.KillLatch.Holder.RUNTIME;
import static dev.workspaceoperator.workspace.Workspaces.latch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Authority;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.Workspaces;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KillSwitchRuleTest {
  private static final Optional<String> REASON = Optional.of("runaway agent");

  private static final List<Set<Holder>> LATCHES =
      List.of(
          EnumSet.noneOf(Holder.class),
          EnumSet.of(RUNTIME),
          EnumSet.of(DECLARED),
          EnumSet.of(PLATFORM),
          EnumSet.of(RUNTIME, DECLARED),
          EnumSet.of(RUNTIME, PLATFORM),
          EnumSet.of(DECLARED, PLATFORM),
          EnumSet.allOf(Holder.class));

  /** Every state, plan and set of latches. */
  static List<Arguments> cells() {
    List<Arguments> cells = new ArrayList<>();
    for (State state : State.values()) {
      for (Plan plan : Plan.values()) {
        for (Set<Holder> engaged : LATCHES) {
          cells.add(Arguments.of(state, plan, engaged));
        }
      }
    }
    assertThat(cells).hasSize(3 * 4 * 8);
    return cells;
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cells")
  void engaging(State state, Plan plan, Set<Holder> engaged) {
    StoredWorkspace workspace = workspace(state, plan, engaged);

    Judgement judgement =
        KillSwitchRule.engage(workspace, REASON, Workspaces.NOW, Authority.WORKSPACE);

    if (state == State.ARCHIVED) {
      assertThat(judgement).isEqualTo(new Judgement.Refused(new Refusal.Archived()));
    } else if (engaged.contains(RUNTIME)) {
      assertThat(judgement).isEqualTo(new Judgement.Unchanged());
    } else if (plan == Plan.BASIC || plan == Plan.PRO) {
      assertThat(judgement)
          .isEqualTo(
              new Judgement.Refused(
                  new Refusal.PlanTooLow(
                      List.of(new PlanRefusal("killSwitch", "kill_switch", plan, Plan.SCALE)))));
    } else {
      Layers after = ((Judgement.Changed) judgement).layers();
      assertThat(after.killSwitch().of(RUNTIME))
          .contains(new KillLatch(RUNTIME, Workspaces.NOW, REASON));
      assertThat(after.killSwitch().latches()).hasSize(engaged.size() + 1);
      assertThat(after.declared()).isEqualTo(workspace.layers().declared());
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cells")
  void releasing(State state, Plan plan, Set<Holder> engaged) {
    StoredWorkspace workspace = workspace(state, plan, engaged);

    Judgement judgement = KillSwitchRule.release(workspace);

    if (state == State.ARCHIVED) {
      assertThat(judgement).isEqualTo(new Judgement.Refused(new Refusal.Archived()));
    } else if (engaged.contains(PLATFORM)) {
      assertThat(judgement).isEqualTo(held(PLATFORM, engaged));
    } else if (engaged.contains(DECLARED) && state == State.PRESENT) {
      assertThat(judgement).isEqualTo(held(DECLARED, engaged));
    } else if (engaged.isEmpty()) {
      assertThat(judgement).isEqualTo(new Judgement.Unchanged());
    } else {
      Judgement.Changed changed = (Judgement.Changed) judgement;
      assertThat(changed.layers().killSwitch()).isEqualTo(KillSwitch.OFF);
      assertThat(changed.layers().declared().engagesKillSwitch()).isFalse();
      assertThat(changed.layers().declared().killSwitchReason()).contains("as declared");
      assertThat(changed.changes())
          .extracting(LayerChange::layer)
          .containsExactlyElementsOf(
              engaged.stream()
                  .sorted(Comparator.reverseOrder())
                  .map(holder ->
                      holder == DECLARED ? LayerChange.Layer.FROZEN : LayerChange.Layer.RUNTIME)
                  .toList());
    }
  }

  private static Judgement held(Holder holder, Set<Holder> engaged) {
    Set<Holder> others = new HashSet<>(engaged);
    others.remove(holder);
    return new Judgement.Refused(
        new Refusal.KillSwitchHeld(latch(holder), others, Workspaces.IDENTITY));
  }

  private static StoredWorkspace workspace(State state, Plan plan, Set<Holder> engaged) {
    return Workspaces.of(
        state,
        plan,
        SettingValues.NONE,
        SettingValues.NONE,
        engaged.stream().map(Workspaces::latch).toArray(KillLatch[]::new));
  }
}
