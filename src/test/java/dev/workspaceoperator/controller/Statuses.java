package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.rule.PlanLimits;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Renders statuses of a {@link Sample}, and reads what they say. */
final class Statuses {
  static final StatusRenderer RENDERER = new StatusRenderer(PlanDefaults.STANDARD);
  static final WorkspaceStatus UNOBSERVED =
      new WorkspaceStatus(-1L, null, null, null, null, null, null, null, null);
  static final Stall SLUG_TAKEN = new Stall(Reason.SLUG_TAKEN, "Another one holds it.");
  static final Stall REFUSED = new Stall(Reason.PLAN_UPGRADE_REQUIRED, "It needs Pro.");

  private Statuses() {}

  /** The first status, of generation 4 and with nothing refused. */
  static WorkspaceStatus decided(Sample sample) {
    return decided(sample, UNOBSERVED);
  }

  static WorkspaceStatus decided(Sample sample, WorkspaceStatus previous) {
    return decided(sample, previous, Set.of());
  }

  /** With these of the manifest's keys in use elsewhere. */
  static WorkspaceStatus decided(
      Sample sample, WorkspaceStatus previous, Set<ApiKeyDigest> foreign) {
    PlanLimits limits = PlanLimits.of(sample.stored().layers(), sample.now);
    return RENDERER.decided(
        previous,
        4,
        sample.gathered(),
        Stall.ofAccepted(sample.manifest(), limits.notInForce(), foreign, sample.receiverRules));
  }

  /** An hour after {@link Sample#NOW}. */
  static WorkspaceStatus storeDown(WorkspaceStatus previous, long generation) {
    return RENDERER.undecided(
        previous,
        generation,
        Reason.STORE_UNAVAILABLE,
        "The store does not answer.",
        Sample.NOW.plusSeconds(3_600));
  }

  static List<WorkspaceCondition> all(WorkspaceStatus status) {
    return Objects.requireNonNull(status.conditions());
  }

  /** Each as {@code Ready=True Synced}. */
  static List<String> conditions(WorkspaceStatus status) {
    return all(status).stream()
        .map(condition ->
            "%s=%s %s".formatted(condition.type(), condition.status(), condition.reason()))
        .toList();
  }

  static String message(WorkspaceStatus status, ConditionType type) {
    return ConditionSet.find(all(status), type).orElseThrow().message();
  }

  static String since(WorkspaceStatus status, ConditionType type) {
    return ConditionSet.find(all(status), type).orElseThrow().lastTransitionTime();
  }

  static WorkspaceStatus.Effective effective(WorkspaceStatus status) {
    return Objects.requireNonNull(status.effective());
  }
}
