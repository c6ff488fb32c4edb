package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceCondition;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How many Workspaces have which condition, as the API server shows it. Types and reasons are those
 * of this program: what somebody else writes into a status is {@code other}.
 */
public final class ConditionCensus {
  private static final String OTHER = "other";
  private static final Set<String> TYPES =
      Arrays.stream(ConditionType.values())
          .map(ConditionType::label)
          .collect(Collectors.toUnmodifiableSet());
  private static final Set<String> REASONS =
      Arrays.stream(Reason.values()).map(Reason::label).collect(Collectors.toUnmodifiableSet());
  private static final Set<String> STATUSES = Set.of("True", "False", "Unknown");

  /** Those that are told also while no Workspace has them, so that an alert can compare. */
  private static final List<Kind> ALWAYS =
      List.of(
          new Kind(ConditionType.READY.label(), "True", Reason.SYNCED.label()),
          new Kind(ConditionType.STALLED.label(), "True", Reason.PLAN_UPGRADE_REQUIRED.label()),
          new Kind(ConditionType.STALLED.label(), "True", Reason.SLUG_TAKEN.label()));

  private ConditionCensus() {}

  /** A condition without its message. */
  public record Kind(String type, String status, String reason) {
    private static Kind of(WorkspaceCondition condition) {
      return new Kind(
          known(TYPES, condition.type()),
          known(STATUSES, condition.status()),
          known(REASONS, condition.reason()));
    }

    private static String known(Set<String> words, String word) {
      return words.contains(word) ? word : OTHER;
    }
  }

  /** Counts them. */
  static Map<Kind, Integer> of(Stream<Workspace> workspaces) {
    Map<Kind, Integer> counts = new HashMap<>();
    ALWAYS.forEach(kind -> counts.put(kind, 0));
    workspaces.forEach(workspace -> {
      if (workspace.getStatus() != null && workspace.getStatus().conditions() != null) {
        workspace
            .getStatus()
            .conditions()
            .forEach(condition -> counts.merge(Kind.of(condition), 1, Integer::sum));
      }
    });
    return counts;
  }
}
