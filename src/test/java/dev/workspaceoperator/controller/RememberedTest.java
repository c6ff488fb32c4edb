package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.port.LostHistory;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a status remembers, held against what a store answers. */
class RememberedTest {
  private static final LostHistory.Answer KNOWN = new LostHistory.Answer(true, true);
  private static final LostHistory.Answer WENT_BACK = new LostHistory.Answer(false, true);
  private static final LostHistory.Answer FORGOT_THE_STOP_OF_ALL =
      new LostHistory.Answer(true, false);

  private final Sample sample = new Sample(Sample.plan(Plan.SCALE));

  @Test
  void aStatusOfNobodyRemembersNothing() {
    assertThat(Remembered.of(Statuses.UNOBSERVED)).isEmpty();
    assertThat(Remembered.of(with(new WorkspaceStatus.AuditStatus(12L, "not a hash")))).isEmpty();
    assertThat(Remembered.of(with(new WorkspaceStatus.AuditStatus(0L, "ab".repeat(32))))).isEmpty();
  }

  @Test
  void theStoreIsNotAskedWhereItHasTheHeadOfTheStatus() {
    assertThat(remembered().isUpToDate(sample.stored())).isTrue();

    Remembered known = remembered();
    sample.killSwitch = Sample.latches(Holder.RUNTIME);
    assertThat(known.isUpToDate(sample.stored())).as("a new stop is not a lost one").isTrue();
  }

  @Test
  void theStopOfTheInstallationIsAskedForBecauseNoChainOfAWorkspaceTellsOfIt() {
    sample.killSwitch = Sample.latches(Holder.PLATFORM);
    Remembered known = remembered();
    sample.killSwitch = Sample.latches();

    assertThat(known.isUpToDate(sample.stored())).isFalse();
    assertThat(known.question().platformSince()).isEqualTo(Sample.NOW);
  }

  @Test
  void whatTheStoreKnowsIsNotLostAlsoWhereALatchWasReleased() {
    sample.killSwitch = Sample.latches(Holder.RUNTIME, Holder.PLATFORM);
    Remembered known = remembered();
    sample.killSwitch = Sample.latches();

    assertThat(known.lost(KNOWN, sample.gathered())).isEmpty();
  }

  @Test
  void aStopThatWasLostIsTold() {
    sample.killSwitch = Sample.latches(Holder.RUNTIME, Holder.DECLARED);
    Remembered known = remembered();
    sample.killSwitch = Sample.latches();

    LostHistory lost = known.lost(WENT_BACK, sample.gathered()).orElseThrow();

    assertThat(lost.latches())
        .as("the manifest brings its own back")
        .containsExactly(
            new KillLatch(Holder.RUNTIME, Sample.NOW, Optional.of("because of RUNTIME")));
    assertThat(lost.told())
        .contains("row 12", "ab".repeat(32), "its newest is row 12", "stopped (Runtime)");
  }

  @Test
  void aStopThatIsThereStillIsNotLost() {
    sample.killSwitch = Sample.latches(Holder.RUNTIME);

    assertThat(remembered().lost(WENT_BACK, sample.gathered()).orElseThrow().latches()).isEmpty();
  }

  @Test
  void theStopOfTheInstallationIsLostByItself() {
    sample.killSwitch = Sample.latches(Holder.PLATFORM);
    Remembered known = remembered();
    sample.killSwitch = Sample.latches();

    LostHistory lost = known.lost(FORGOT_THE_STOP_OF_ALL, sample.gathered()).orElseThrow();

    assertThat(lost.latches()).extracting(KillLatch::holder).containsExactly(Holder.PLATFORM);
    assertThat(lost.told()).contains("whole installation");
  }

  @Test
  void whatPeopleHadSetAndWhatWasSpentIsTold() {
    sample.runtime = Sample.dailyBudget("5");
    sample.spentMicros = 3_500_000;
    Remembered known = remembered();
    sample.runtime = Sample.dailyBudget("50");
    sample.spentMicros = 1_000_000;

    assertThat(known.lost(WENT_BACK, sample.gathered()).orElseThrow().told())
        .contains("dailyBudgetUsd 5 (Runtime), 3.5 USD spent on 2030-01-31");

    sample.spentMicros = 3_500_000;
    assertThat(known.lost(WENT_BACK, sample.gathered()).orElseThrow().told())
        .doesNotContain("spent on");
  }

  @Test
  void anotherDatabaseIsTold() {
    assertThat(remembered().lost(WENT_BACK, Sample.nothing()).orElseThrow().told())
        .contains(Sample.ID.toString(), "here it is none");
  }

  @Test
  void aLossIsToldForAWeekAndSurvivesAStoreThatIsDown() {
    LostHistory lost = remembered().lost(WENT_BACK, sample.gathered()).orElseThrow();
    WorkspaceStatus told =
        Statuses.RENDERER.decided(
            Statuses.UNOBSERVED, 4, sample.gathered(), Optional.empty(), Optional.of(lost));
    assertThat(Statuses.conditions(told)).contains("HistoryLost=True StoreWentBack");
    assertThat(Statuses.conditions(Statuses.storeDown(told, 4)))
        .contains("HistoryLost=True StoreWentBack");

    sample.now = Sample.NOW.plus(StatusRenderer.LOSS_TOLD_FOR).minusSeconds(1);
    WorkspaceStatus later = Statuses.decided(sample, told);
    assertThat(Statuses.conditions(later)).contains("HistoryLost=True StoreWentBack");
    sample.now = Sample.NOW.plus(StatusRenderer.LOSS_TOLD_FOR);
    assertThat(Statuses.conditions(Statuses.decided(sample, later)))
        .containsExactly("Ready=True Synced");
  }

  @Test
  void whatIsKnownOfALostWorkspaceIsKeptUntilItIsStoredAnew() {
    sample.killSwitch = Sample.latches(Holder.RUNTIME);
    WorkspaceStatus before = Statuses.decided(sample);
    LostHistory lost =
        Remembered.of(before).orElseThrow().lost(WENT_BACK, Sample.nothing()).orElseThrow();

    WorkspaceStatus refused =
        Statuses.RENDERER.decided(
            before, 5, Sample.nothing(), Optional.of(Statuses.SLUG_TAKEN), Optional.of(lost));

    assertThat(Remembered.of(refused).orElseThrow().latches()).isEqualTo(lost.latches());
    assertThat(refused.audit()).isEqualTo(before.audit());
  }

  private Remembered remembered() {
    return Remembered.of(Statuses.decided(sample)).orElseThrow();
  }

  private WorkspaceStatus with(WorkspaceStatus.AuditStatus audit) {
    WorkspaceStatus status = Statuses.decided(sample);
    return new WorkspaceStatus(
        status.observedGeneration(),
        status.id(),
        status.slug(),
        status.plan(),
        status.effective(),
        status.killSwitch(),
        status.usage(),
        audit,
        List.of());
  }
}
