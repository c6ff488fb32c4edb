package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.controller.ConditionCensus.Kind;
import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceStatus;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How many have which condition. */
class ConditionCensusTest {
  @Test
  void conditionsAreCountedByWhatTheySay() {
    Map<Kind, Integer> counts =
        ConditionCensus.of(
            Stream.of(
                new Workspace(),
                with(condition("Ready", "True", "Synced")),
                with(condition("Ready", "True", "Synced")),
                with(
                    condition("Ready", "False", "SlugTaken"),
                    condition("Stalled", "True", "SlugTaken"))));

    assertThat(counts)
        .containsEntry(new Kind("Ready", "True", "Synced"), 2)
        .containsEntry(new Kind("Ready", "False", "SlugTaken"), 1)
        .containsEntry(new Kind("Stalled", "True", "SlugTaken"), 1)
        .containsEntry(new Kind("Stalled", "True", "PlanUpgradeRequired"), 0);
  }

  /** A status can be written by others: a label with their words would never end. */
  @Test
  void wordsOfOthersAreNoLabels() {
    Map<Kind, Integer> counts =
        ConditionCensus.of(
            Stream.of(
                with(condition("Mine1", "Maybe", "Because1")),
                with(condition("Mine2", "Perhaps", "Because2"))));

    assertThat(counts).containsEntry(new Kind("other", "other", "other"), 2);
    assertThat(counts).hasSize(4);
  }

  private static Workspace with(WorkspaceCondition... conditions) {
    Workspace workspace = new Workspace();
    workspace.setStatus(
        new WorkspaceStatus(null, null, null, null, null, null, null, null, List.of(conditions)));
    return workspace;
  }

  private static WorkspaceCondition condition(String type, String status, String reason) {
    return new WorkspaceCondition(type, status, 1L, "2026-11-20T12:00:00Z", reason, "Because.");
  }
}
