package dev.workspaceoperator.controller;

import static dev.workspaceoperator.controller.Statuses.REFUSED;
import static dev.workspaceoperator.controller.Statuses.RENDERER;
import static dev.workspaceoperator.controller.Statuses.SLUG_TAKEN;
import static dev.workspaceoperator.controller.Statuses.UNOBSERVED;
import static dev.workspaceoperator.controller.Statuses.all;
import static dev.workspaceoperator.controller.Statuses.decided;
import static dev.workspaceoperator.controller.Statuses.since;
import static dev.workspaceoperator.controller.Statuses.storeDown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusTransitionTimeTest {
  private final Sample sample = new Sample();

  @Test
  void itStandsStillWhileOnlyReasonAndMessageChange() {
    WorkspaceStatus before =
        RENDERER.decided(UNOBSERVED, 4, sample.gathered(), Optional.of(SLUG_TAKEN));
    sample.now = Sample.NOW.plusSeconds(100);
    WorkspaceStatus after = RENDERER.decided(before, 5, sample.gathered(), Optional.of(REFUSED));
    assertThat(all(after))
        .extracting(WorkspaceCondition::reason)
        .containsOnly("PlanUpgradeRequired");
    assertThat(all(after))
        .extracting(WorkspaceCondition::lastTransitionTime)
        .containsOnly("2030-01-31T12:00:00Z");
  }

  @Test
  void itMovesWithTheStatus() {
    WorkspaceStatus before =
        RENDERER.decided(UNOBSERVED, 4, sample.gathered(), Optional.of(SLUG_TAKEN));
    sample.now = Sample.NOW.plusSeconds(100);
    assertThat(all(decided(sample, before)))
        .singleElement()
        .extracting(WorkspaceCondition::lastTransitionTime)
        .isEqualTo("2030-01-31T12:01:40Z");
  }

  @Test
  void itIsThatOfTheNewOccurrenceForAConditionThatWasGone() {
    sample.killSwitch = Sample.latches(Holder.PLATFORM);
    WorkspaceStatus on = decided(sample);
    sample.killSwitch = Sample.latches();
    WorkspaceStatus off = decided(sample, on);
    sample.killSwitch = Sample.latches(Holder.PLATFORM);
    sample.now = Sample.NOW.plusSeconds(100);
    assertThat(since(decided(sample, off), ConditionType.KILL_SWITCH_ACTIVE))
        .isEqualTo("2030-01-31T12:01:40Z");
  }

  @Test
  void whatIsKeptWhileTheStoreIsDownKeepsItsTime() {
    sample.killSwitch = Sample.latches(Holder.PLATFORM);
    WorkspaceStatus down = storeDown(decided(sample), 4);
    assertThat(since(down, ConditionType.KILL_SWITCH_ACTIVE)).isEqualTo("2030-01-31T12:00:00Z");
    assertThat(since(down, ConditionType.READY)).isEqualTo("2030-01-31T13:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "2030-01-31T12:00:01Z", "9999-12-31T00:00:00Z"})
  void itIsNotWhatSomebodyElseMadeUp(String time) {
    WorkspaceStatus now = decided(sample);
    WorkspaceCondition ready = all(now).getFirst();
    WorkspaceStatus restored =
        new WorkspaceStatus(
            now.observedGeneration(),
            now.id(),
            now.slug(),
            now.plan(),
            now.effective(),
            now.killSwitch(),
            now.usage(),
            now.audit(),
            List.of(
                new WorkspaceCondition(
                    ready.type(),
                    ready.status(),
                    ready.observedGeneration(),
                    time,
                    ready.reason(),
                    ready.message())));
    assertThat(decided(sample, restored)).isEqualTo(now);
  }

  @Test
  void itHasWholeSeconds() {
    sample.now = Sample.NOW.plusNanos(123_456_789);
    assertThat(since(decided(sample), ConditionType.READY)).isEqualTo("2030-01-31T12:00:00Z");
  }
}
