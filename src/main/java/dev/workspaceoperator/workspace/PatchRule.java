package dev.workspaceoperator.workspace;

import dev.workspaceoperator.workspace.LayerChange.Layer;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a PATCH of settings does (design.md §3.2 and §4). A value equal to the one in force beneath
 * overrides is dropped; what a manifest declares is refused; the rest is judged by the plan and
 * written to the runtime layer, or, while no resource exists, to the frozen layer where that has
 * the field. Clearing silences every layer that the caller can reach, so that the default is in
 * force. An archived workspace takes no patch, whatever it would change.
 */
public final class PatchRule {
  private final StoredWorkspace workspace;
  private final EffectiveSettings inForce;
  private final EffectiveSettings byDefault;
  private final List<LayerChange> changes = new ArrayList<>();
  private final List<String> managed = new ArrayList<>();
  private final List<PlanRefusal> aboveThePlan = new ArrayList<>();
  private Layers layers;

  private PatchRule(StoredWorkspace workspace, PlanDefaults defaults) {
    this.workspace = workspace;
    this.layers = workspace.layers();
    this.inForce = EffectiveSettings.beneathOverrides(layers, defaults);
    this.byDefault =
        EffectiveSettings.beneathOverrides(
            layers.withValues(SettingValues.NONE, SettingValues.NONE), defaults);
  }

  /** Judges all fields of a patch together. */
  public static Judgement judge(
      StoredWorkspace workspace, SettingsPatch patch, PlanDefaults defaults) {
    if (workspace.state() == State.ARCHIVED) {
      return new Judgement.Refused(new Refusal.Archived());
    }
    PatchRule rule = new PatchRule(workspace, defaults);
    for (Setting setting : Setting.values()) {
      Optional<?> asked = patch.fields().get(setting);
      if (asked != null) {
        rule.judge(setting, asked);
      }
    }
    return rule.judgement();
  }

  private void judge(Setting setting, Optional<?> asked) {
    boolean declared = layers.declared().values().get(setting).isPresent();
    boolean byManifest = declared && workspace.state() == State.PRESENT;
    if (byManifest) {
      // What a cleared field would be at last: equal is 200 here too.
      Object wanted = asked.isPresent() ? asked.get() : byDefault.get(setting).value();
      if (!wanted.equals(inForce.get(setting).value())) {
        managed.add(setting.restName());
      }
    } else if (asked.isEmpty()) {
      change(Layer.FROZEN, setting, asked);
      change(Layer.RUNTIME, setting, asked);
    } else if (!asked.get().equals(inForce.get(setting).value())) {
      PlanGate.judgeChange(
              layers.declared().plan(), setting, Optional.of(inForce.get(setting).value()), asked)
          .ifPresent(aboveThePlan::add);
      change(declared ? Layer.FROZEN : Layer.RUNTIME, setting, asked);
    }
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
