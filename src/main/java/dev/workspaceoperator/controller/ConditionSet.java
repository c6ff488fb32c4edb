package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.WorkspaceCondition;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The conditions that are being written, on top of those that were there: a transition time moves
 * only when the status of a condition changes. A condition that is not set anew is gone.
 */
final class ConditionSet {
  private final List<WorkspaceCondition> previous;
  private final long observedGeneration;
  private final Instant now;
  private final List<WorkspaceCondition> next = new ArrayList<>();

  ConditionSet(List<WorkspaceCondition> previous, long observedGeneration, Instant now) {
    this.previous = previous;
    this.observedGeneration = observedGeneration;
    this.now = now;
  }

  /** The thing is so. */
  ConditionSet yes(ConditionType type, Reason reason, String message) {
    return add(type, "True", reason, message);
  }

  /** The thing is not so. */
  ConditionSet no(ConditionType type, Reason reason, String message) {
    return add(type, "False", reason, message);
  }

  List<WorkspaceCondition> toList() {
    return List.copyOf(next);
  }

  static Optional<WorkspaceCondition> find(
      List<WorkspaceCondition> conditions, ConditionType type) {
    return conditions.stream()
        .filter(condition -> type.label().equals(condition.type()))
        .findFirst();
  }

  /** What somebody else wrote need not be. */
  private boolean isPast(String time) {
    try {
      return !Instant.parse(time).isAfter(now);
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private ConditionSet add(ConditionType type, String status, Reason reason, String message) {
    String since =
        find(previous, type)
            .filter(condition -> status.equals(condition.status()))
            .map(WorkspaceCondition::lastTransitionTime)
            .filter(this::isPast)
            .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
    next.add(
        new WorkspaceCondition(
            type.label(),
            status,
            observedGeneration,
            since,
            reason.label(),
            KubernetesText.withinCharacters(message, KubernetesText.CONDITION_MESSAGE_LENGTH_MAX)));
    return this;
  }
}
