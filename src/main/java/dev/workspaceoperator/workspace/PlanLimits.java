package dev.workspaceoperator.workspace;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a workspace holds above its plan after a downgrade (design.md §3.4).
 *
 * @param kept accepted earlier and still in force: it limits, so nobody loses it unasked
 * @param notInForce declared now, accepted earlier, and yet not in force: the run cap on Basic
 */
public record PlanLimits(List<PlanRefusal> kept, List<PlanRefusal> notInForce) {
  public PlanLimits {
    kept = List.copyOf(kept);
    notInForce = List.copyOf(notInForce);
  }

  /** Compares what every layer holds with what the plan allows to set anew. */
  public static PlanLimits of(Layers layers) {
    Plan plan = layers.declared().plan();
    List<PlanRefusal> kept = new ArrayList<>();
    List<PlanRefusal> notInForce = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      Optional<PlanRefusal> declared = aboveThePlan(plan, setting, layers.declared().values());
      Optional<PlanRefusal> runtime = aboveThePlan(plan, setting, layers.runtime());
      if (setting == Setting.MAX_CONCURRENT_RUNS) {
        // A runtime cap sleeps on Basic (design.md §3.4): nothing asked for is missing.
        declared.ifPresentOrElse(notInForce::add, () -> runtime.ifPresent(kept::add));
      } else {
        declared.or(() -> runtime).ifPresent(kept::add);
      }
    }
    boolean latched =
        layers.killSwitch().of(KillLatch.Holder.DECLARED).isPresent()
            || layers.killSwitch().of(KillLatch.Holder.RUNTIME).isPresent();
    PlanGate.judgeKillSwitch(plan, false, latched).ifPresent(kept::add);
    return new PlanLimits(kept, notInForce);
  }

  private static Optional<PlanRefusal> aboveThePlan(
      Plan plan, Setting setting, SettingValues values) {
    return PlanGate.judgeChange(plan, setting, Optional.empty(), values.get(setting));
  }
}
