package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Source;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns a change of status into events; a status that says the same again makes none. */
final class TransitionEvents implements Transitions {
  /** The reasons of a stall, by label. */
  private static final Map<String, Reason> STALLS =
      Map.of(
          Reason.PLAN_UPGRADE_REQUIRED.label(), Reason.PLAN_UPGRADE_REQUIRED,
          Reason.SLUG_TAKEN.label(), Reason.SLUG_TAKEN,
          Reason.SLUG_IMMUTABLE.label(), Reason.SLUG_IMMUTABLE,
          Reason.API_KEY_TAKEN.label(), Reason.API_KEY_TAKEN,
          Reason.INVALID_SPEC.label(), Reason.INVALID_SPEC);

  private final EventPublisher publisher;

  TransitionEvents(EventPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public void observed(Workspace resource, WorkspaceStatus before, WorkspaceStatus after) {
    killSwitch(resource, before, after);
    // Of several causes only the first is the reason: another message is another cause.
    find(after, ConditionType.STALLED)
        .filter(stalled -> !isTold(before, ConditionType.STALLED, stalled))
        .ifPresent(stalled -> {
          Reason reason = STALLS.get(stalled.reason());
          if (reason != null) {
            publisher.warn(resource, reason, stalled.message());
          }
        });
    started(before, after, ConditionType.PLAN_LIMITED)
        .ifPresent(
            limited -> publisher.warn(resource, Reason.PLAN_UPGRADE_REQUIRED, limited.message()));
    started(before, after, ConditionType.BUDGET_EXHAUSTED)
        .ifPresent(
            exhausted -> publisher.warn(resource, Reason.BUDGET_EXHAUSTED, exhausted.message()));
    find(after, ConditionType.HISTORY_LOST)
        .filter(lost -> !isTold(before, ConditionType.HISTORY_LOST, lost))
        .ifPresent(lost -> publisher.warn(resource, Reason.HISTORY_LOST, lost.message()));
    overrides(resource, before, after);
    if (isTrue(after, ConditionType.READY) && !isTrue(before, ConditionType.READY)) {
      publisher.tell(resource, Reason.SYNCED, "The manifest is in force.");
    }
  }

  private void killSwitch(Workspace resource, WorkspaceStatus before, WorkspaceStatus after) {
    boolean wasOn = isTrue(before, ConditionType.KILL_SWITCH_ACTIVE);
    Optional<WorkspaceCondition> on = find(after, ConditionType.KILL_SWITCH_ACTIVE);
    if (on.isPresent() && !wasOn) {
      publisher.warn(resource, Reason.KILL_SWITCH_ACTIVATED, on.get().message());
    } else if (on.isEmpty() && wasOn) {
      publisher.tell(resource, Reason.KILL_SWITCH_RELEASED, "Runs and steps are admitted again.");
    }
  }

  private void overrides(Workspace resource, WorkspaceStatus before, WorkspaceStatus after) {
    for (Setting setting : Setting.values()) {
      boolean was = isOverridden(before, setting);
      boolean is = isOverridden(after, setting);
      if (is && !was) {
        publisher.tell(
            resource,
            Reason.OVERRIDE_STARTED,
            "An override of %s is in force.".formatted(setting.specName()));
      } else if (was && !is) {
        publisher.tell(
            resource,
            Reason.OVERRIDE_ENDED,
            "The override of %s has ended.".formatted(setting.specName()));
      }
    }
  }

  private static boolean isOverridden(WorkspaceStatus status, Setting setting) {
    WorkspaceStatus.Effective effective = status.effective();
    if (effective == null) {
      return false;
    }
    WorkspaceStatus.@Nullable EffectiveField<?> field = effective.get(setting);
    return field != null && field.source().equals(Source.OVERRIDE.label());
  }

  /** The condition, if it is there now and was not there before with the same reason. */
  private static Optional<WorkspaceCondition> started(
      WorkspaceStatus before, WorkspaceStatus after, ConditionType type) {
    @Nullable String reasonBefore = find(before, type).map(WorkspaceCondition::reason).orElse(null);
    return find(after, type).filter(condition -> !condition.reason().equals(reasonBefore));
  }

  private static boolean isTold(
      WorkspaceStatus before, ConditionType type, WorkspaceCondition now) {
    return find(before, type)
        .filter(told -> told.reason().equals(now.reason()))
        .filter(told -> told.message().equals(now.message()))
        .isPresent();
  }

  private static boolean isTrue(WorkspaceStatus status, ConditionType type) {
    return find(status, type).filter(condition -> condition.status().equals("True")).isPresent();
  }

  private static Optional<WorkspaceCondition> find(WorkspaceStatus status, ConditionType type) {
    List<WorkspaceCondition> conditions = status.conditions();
    return conditions == null ? Optional.empty() : ConditionSet.find(conditions, type);
  }
}
