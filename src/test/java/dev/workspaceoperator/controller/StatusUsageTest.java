package dev.workspaceoperator.controller;

import static dev.workspaceoperator.controller.Statuses.conditions;
import static dev.workspaceoperator.controller.Statuses.decided;
import static dev.workspaceoperator.controller.Statuses.effective;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.Plan;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusUsageTest {
  private final Sample sample = new Sample();

  @Test
  void itIsShownAtOnceTheFirstTime() {
    sample.spentMicros = 1_500_000;
    sample.reservedMicros = 250_000;
    sample.activeRuns = 2;
    assertThat(decided(sample).usage())
        .isEqualTo(
            new WorkspaceStatus.UsageStatus(
                "2030-01-31", "1.5", "0.25", 2, "2030-01-31T12:00:00Z"));
  }

  @Test
  void itFollowsAtMostOnceAMinute() {
    WorkspaceStatus before = decided(sample);
    sample.spentMicros = 1_000_000;
    sample.now = Sample.NOW.plusMillis(59_999);
    assertThat(decided(sample, before).usage()).isEqualTo(before.usage());
    sample.now = Sample.NOW.plusSeconds(60);
    assertThat(decided(sample, before).usage())
        .isEqualTo(
            new WorkspaceStatus.UsageStatus("2030-01-31", "1", "0", 0, "2030-01-31T12:01:00Z"));
  }

  @Test
  void itDelaysNothingElse() {
    WorkspaceStatus before = decided(sample);
    sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("1"));
    sample.spentMicros = 1_000_000;
    sample.now = Sample.NOW.plusSeconds(1);
    WorkspaceStatus after = decided(sample, before);
    assertThat(after.usage()).isEqualTo(before.usage());
    assertThat(conditions(after)).contains("BudgetExhausted=True DailyBudget");
    assertThat(effective(after).dailyBudgetUsd())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>("1", "Declared", null));
  }

  @Test
  void theSameUsageLaterMakesTheSameStatus() {
    sample.spentMicros = 1_000_000;
    WorkspaceStatus before = decided(sample);
    sample.now = Sample.NOW.plusSeconds(3_600);
    assertThat(decided(sample, before)).isEqualTo(before);
  }

  @Test
  void anIdleWorkspaceIsNotRewrittenAtMidnight() {
    WorkspaceStatus before = decided(sample);
    sample.now = Sample.NOW.plus(Duration.ofDays(1));
    assertThat(decided(sample, before)).isEqualTo(before);
  }

  @Test
  void theSameAmountOnAnotherDayIsShown() {
    sample.spentMicros = 1_000_000;
    WorkspaceStatus before = decided(sample);
    sample.now = Sample.NOW.plus(Duration.ofDays(1));
    assertThat(Objects.requireNonNull(decided(sample, before).usage()).day())
        .isEqualTo("2030-02-01");
  }

  @Test
  void aTimeThatSomebodyGarbledCountsAsLongAgo() {
    WorkspaceStatus before =
        withUsage(decided(sample), new WorkspaceStatus.UsageStatus("x", "9", "9", 9, "yesterday"));
    assertThat(decided(sample, before).usage())
        .isEqualTo(
            new WorkspaceStatus.UsageStatus("2030-01-31", "0", "0", 0, "2030-01-31T12:00:00Z"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "2030-01-31T12:00:01Z", "9999-12-31T00:00:00Z"})
  void aTimeThatCannotBeIsNotKeptThoughNothingElseChanged(String asOf) {
    WorkspaceStatus now = decided(sample);
    WorkspaceStatus restored =
        withUsage(now, new WorkspaceStatus.UsageStatus("2030-01-31", "0", "0", 0, asOf));
    assertThat(decided(sample, restored)).isEqualTo(now);
  }

  private static WorkspaceStatus withUsage(
      WorkspaceStatus status, WorkspaceStatus.UsageStatus usage) {
    return new WorkspaceStatus(
        status.observedGeneration(),
        status.id(),
        status.slug(),
        status.plan(),
        status.effective(),
        status.killSwitch(),
        usage,
        status.audit(),
        status.conditions());
  }
}
