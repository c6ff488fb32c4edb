package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.rule.LayerChange.Layer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a PATCH of settings does (design.md §3.2, §4.2 and §4.7). A value equal to the one in force,
 * or to the one beneath a live override, is dropped, so that what GET answered can always be sent
 * back; what a manifest declares is refused; the rest is judged by the plan and written to the
 * runtime layer, or, while no resource exists, to the frozen layer where that has the field.
 * Clearing silences every layer that the caller can reach, so that the default is in force. An
 * archived workspace takes no patch, whatever it would change.
 */
public final class PatchRule {
  private final StoredWorkspace workspace;
  private final EffectiveSettings inForce;
  private final EffectiveSettings beneath;
  private final EffectiveSettings byDefault;
  private final List<LayerChange> changes = new ArrayList<>();
  private final List<String> managed = new ArrayList<>();
  private final List<PlanRefusal> aboveThePlan = new ArrayList<>();
  private Layers layers;

  private PatchRule(StoredWorkspace workspace, PlanDefaults defaults, Instant now) {
    this.workspace = workspace;
    this.layers = workspace.layers();
    this.inForce = EffectiveSettings.resolve(layers, defaults, now);
    this.beneath = EffectiveSettings.beneathOverrides(layers, defaults);
    this.byDefault =
        EffectiveSettings.beneathOverrides(
            layers.withValues(SettingValues.NONE, SettingValues.NONE), defaults);
  }

  /**
   * Judges all fields of a patch together.
   *
   * @param now the database's clock
   */
  public static Judgement judge(
      StoredWorkspace workspace, SettingsPatch patch, PlanDefaults defaults, Instant now) {
    if (workspace.state() == State.ARCHIVED) {
      return new Judgement.Refused(new Refusal.Archived());
    }
    PatchRule rule = new PatchRule(workspace, defaults, now);
    for (Setting setting : Setting.values()) {
      Optional<?> asked = patch.fields().get(setting);
      if (asked != null) {
        rule.judge(setting, asked);
      }
    }
    return rule.judgement();
  }

  private void judge(Setting setting, Optional<?> asked) {
    Object present = beneath.get(setting).value();
    if (isShownAs(inForce.get(setting).value(), asked) || isShownAs(present, asked)) {
      return;
    }
    boolean declared = layers.declared().values().get(setting).isPresent();
    boolean byManifest = declared && workspace.state() == State.PRESENT;
    if (byManifest) {
      // What a cleared field would be at last: equal is 200 here too.
      if (asked.isPresent() || !byDefault.get(setting).value().equals(present)) {
        managed.add(setting.restName());
      }
    } else if (asked.isEmpty()) {
      change(Layer.FROZEN, setting, asked);
      change(Layer.RUNTIME, setting, asked);
    } else {
      PlanGate.judgeChange(layers.declared().plan(), setting, Optional.of(present), asked)
          .ifPresent(aboveThePlan::add);
      change(declared ? Layer.FROZEN : Layer.RUNTIME, setting, asked);
    }
  }

  /** Whether GET would print this value so: an unlimited budget as null. */
  private static boolean isShownAs(Object value, Optional<?> asked) {
    return asked.isPresent() ? asked.get().equals(value) : value.equals(Budget.UNLIMITED);
  }

  private void change(Layer layer, Setting setting, Optional<?> after) {
    SettingValues declared = layers.declared().values();
    SettingValues runtime = layers.runtime();
    Optional<?> before = (layer == Layer.FROZEN ? declared : runtime).get(setting);
    if (before.equals(after)) {
      return;
    }
    changes.add(new LayerChange(layer, setting.restName(), before, after));
    layers =
        layer == Layer.FROZEN
            ? layers.withValues(declared.with(setting, after), runtime)
            : layers.withValues(declared, runtime.with(setting, after));
  }

  private Judgement judgement() {
    if (!managed.isEmpty()) {
      return new Judgement.Refused(new Refusal.ManagedDeclaratively(workspace.identity(), managed));
    }
    // A cap that sleeps in its layer is no change there, and asked for once more it is refused.
    if (changes.isEmpty() && aboveThePlan.isEmpty()) {
      return new Judgement.Unchanged();
    }
    return aboveThePlan.isEmpty()
        ? new Judgement.Changed(layers, changes)
        : new Judgement.Refused(new Refusal.PlanTooLow(aboveThePlan));
  }
}
