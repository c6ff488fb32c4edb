package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingsOverride;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a workspace holds above its plan after a downgrade (design.md §3.4). What another layer
 * hides on every plan is not told.
 *
 * @param kept accepted earlier and still in force: it limits, so nobody loses it unasked
 * @param asleep set at run time or by a live override, not in force on Basic, and back after an
 *     upgrade: a run cap
 * @param notInForce declared now, accepted earlier, and yet not in force: a run cap on Basic
 */
public record PlanLimits(
    List<PlanRefusal> kept, List<PlanRefusal> asleep, List<PlanRefusal> notInForce) {
  public PlanLimits {
    kept = List.copyOf(kept);
    asleep = List.copyOf(asleep);
    notInForce = List.copyOf(notInForce);
  }

  /** Compares what every layer holds at {@code now} with what the plan allows to set anew. */
  public static PlanLimits of(Layers layers, Instant now) {
    Plan plan = layers.declared().plan();
    List<PlanRefusal> kept = new ArrayList<>();
    List<PlanRefusal> asleep = new ArrayList<>();
    List<PlanRefusal> notInForce = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      Optional<?> override = layers.overrideInForce(setting, now).map(SettingsOverride::decoded);
      Optional<?> declared = layers.declared().values().get(setting);
      Optional<?> beneath = declared.isPresent() ? declared : layers.runtime().get(setting);
      Optional<?> first = override.isPresent() ? override : beneath;
      if (setting.sleepsOn(plan)) {
        aboveThePlan(plan, setting, declared).ifPresent(notInForce::add);
        if (override.isPresent() || declared.isEmpty()) {
          aboveThePlan(plan, setting, first).ifPresent(asleep::add);
        }
      } else {
        aboveThePlan(plan, setting, first).ifPresent(kept::add);
      }
    }
    boolean latched =
        layers.killSwitch().of(KillLatch.Holder.DECLARED).isPresent()
            || layers.killSwitch().of(KillLatch.Holder.RUNTIME).isPresent();
    PlanGate.judgeKillSwitch(plan, false, latched).ifPresent(kept::add);
    return new PlanLimits(kept, asleep, notInForce);
  }

  private static Optional<PlanRefusal> aboveThePlan(Plan plan, Setting setting, Optional<?> value) {
    return PlanGate.judgeChange(plan, setting, Optional.empty(), value);
  }
}
