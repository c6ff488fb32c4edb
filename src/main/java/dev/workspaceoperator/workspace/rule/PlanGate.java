package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * May this plan make this change? The one place that knows what each plan allows (design.md §3).
 *
 * <p>It judges changes, not states: what was accepted earlier is never refused again, so a
 * downgrade is never blocked. The reconciler and the REST API ask here; the CRD's CEL rules say the
 * same of the declared layer, and a test holds them against each other.
 */
public final class PlanGate {
  /** The lowest plan that may enable the kill switch. */
  public static final Plan KILL_SWITCH_PLAN = Plan.SCALE;

  private PlanGate() {}

  /**
   * Judges a manifest against the last one that was accepted.
   *
   * @param accepted the last accepted declared layer; {@link DeclaredSettings#NONE} if none was
   * @param asked what the manifest says now
   * @return every field that the plan in {@code asked} does not allow to change so; empty if all
   *     are allowed
   */
  public static List<PlanRefusal> judgeManifest(DeclaredSettings accepted, DeclaredSettings asked) {
    List<PlanRefusal> refusals = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      judgeChange(
              asked.plan(), setting, accepted.values().get(setting), asked.values().get(setting))
          .ifPresent(refusals::add);
    }
    judgeKillSwitch(asked.plan(), accepted.engagesKillSwitch(), asked.engagesKillSwitch())
        .ifPresent(refusals::add);
    return List.copyOf(refusals);
  }

  /**
   * Judges the change of one setting within one layer. Clearing, setting {@code unlimited}, and an
   * equal value are always allowed.
   *
   * @param plan the plan in force once the change is made
   * @param before what the layer said; for the REST API the value in force beneath overrides
   * @param after what it shall say; empty to clear it
   * @return the refusal, or empty if the change is allowed
   */
  public static Optional<PlanRefusal> judgeChange(
      Plan plan, Setting setting, Optional<?> before, Optional<?> after) {
    boolean allowed =
        plan.includes(setting.requiredPlan())
            || after.isEmpty()
            || Objects.equals(before, after)
            || after.equals(setting.freeValue());
    return allowed ? Optional.empty() : Optional.of(refusal(plan, setting));
  }

  /** What a manifest holds above its plan, accepted or not; empty if its plan could set it anew. */
  public static Optional<PlanRefusal> aboveThePlan(DeclaredSettings declared, Setting setting) {
    return judgeChange(declared.plan(), setting, Optional.empty(), declared.values().get(setting));
  }

  /** Judges an override of a setting: one that needs a plan needs it for any value. */
  public static Optional<PlanRefusal> judgeOverride(Plan plan, Setting setting) {
    return plan.includes(setting.requiredPlan())
        ? Optional.empty()
        : Optional.of(refusal(plan, setting));
  }

  private static PlanRefusal refusal(Plan plan, Setting setting) {
    return new PlanRefusal(setting.specName(), setting.restName(), plan, setting.requiredPlan());
  }

  /** Judges the kill switch of one layer: enabling it is gated, disabling it never is. */
  public static Optional<PlanRefusal> judgeKillSwitch(Plan plan, boolean before, boolean after) {
    return before || !after || plan.includes(KILL_SWITCH_PLAN)
        ? Optional.empty()
        : Optional.of(new PlanRefusal("killSwitch", "kill_switch", plan, KILL_SWITCH_PLAN));
  }
}
