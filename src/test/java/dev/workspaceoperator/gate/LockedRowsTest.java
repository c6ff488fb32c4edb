package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.RunRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which rows a batch waits for, and how long. */
class LockedRowsTest {
  private static final UUID LOCKED = new UUID(0, 1);
  private static final UUID BUSY = new UUID(0, 2);
  private static final UUID FREE = new UUID(0, 3);
  private static final Set<UUID> ALL = Set.of(LOCKED, BUSY, FREE);

  private final LockedRows rows = new LockedRows();

  @Test
  void everyRowIsWaitedForAsLongAsEachIsHad() {
    assertThat(rows.first(ALL, 0)).isEqualTo(atLength());
    miss(LOCKED, 0);
    have(LOCKED);
    assertThat(rows.first(ALL, at(20))).isEqualTo(atLength());
  }

  @Test
  void whatIsMissedOnceIsWaitedForAMomentAndThenCountsAsLocked() {
    miss(LOCKED, 0);
    miss(BUSY, 0);
    assertThat(rows.contains(LOCKED)).isFalse();

    assertThat(rows.first(ALL, at(1))).isEqualTo(forAMoment(BUSY));
    miss(LOCKED, 1);
    miss(BUSY, 1);
    assertThat(rows.contains(LOCKED)).isTrue();
    assertThat(rows.contains(BUSY)).isFalse();

    assertThat(rows.first(ALL, at(2))).isEqualTo(forAMoment(LOCKED));
    miss(LOCKED, 2);
    have(BUSY);
    assertThat(rows.contains(BUSY)).isFalse();
    assertThat(rows.first(ALL, at(3))).isEqualTo(atLength(LOCKED));
  }

  @Test
  void eachThatCountsAsLockedIsWaitedForAMomentInTurnOnceInAWhile() {
    bothAreLocked();

    assertThat(rows.first(ALL, at(999))).isEqualTo(atLength(LOCKED, BUSY));
    assertThat(rows.first(ALL, at(1000))).isEqualTo(forAMoment(BUSY));
    assertThat(rows.first(ALL, at(1001))).isEqualTo(atLength(LOCKED, BUSY));
    assertThat(rows.first(ALL, at(2000))).isEqualTo(forAMoment(LOCKED));
    assertThat(rows.first(Set.of(FREE), at(3000))).isEqualTo(atLength());
    assertThat(rows.first(ALL, at(3000))).isEqualTo(forAMoment(BUSY));
  }

  @Test
  void whereTheMomentWasInVainTheOthersAreWaitedForAtLengthAndThenNone() {
    bothAreLocked();
    assertThat(rows.afterMiss(forAMoment(BUSY), ALL)).contains(atLength(LOCKED, BUSY));
    assertThat(rows.afterMiss(atLength(LOCKED, BUSY), ALL)).contains(atLength(LOCKED, BUSY, FREE));
    assertThat(rows.afterMiss(atLength(LOCKED, BUSY, FREE), ALL)).isEmpty();
  }

  @Test
  void oneThatNobodyAsksAboutIsForgotten() {
    bothAreLocked();
    assertThat(rows.first(Set.of(FREE), at(10_003))).isEqualTo(atLength());
    assertThat(rows.contains(LOCKED)).isFalse();
  }

  @Test
  void whoGaveUpMeanwhileHasNotHadTheRow() {
    bothAreLocked();
    Ticket<?> ticket = heartbeat(LOCKED);
    ticket.withdraw(new OverloadedException("nobody waits any more"));
    assertThat(rows.left(List.of(ticket), at(5))).isEmpty();
    assertThat(rows.contains(LOCKED)).isTrue();
  }

  @Test
  void whatWasNotHadWaitsOnAndTheReaperDoesNot() {
    Ticket<?> first = heartbeat(LOCKED);
    Ticket<?> second = heartbeat(LOCKED);
    Ticket<?> reaper = new Ticket<>(new Operation.Expire(LOCKED), 0);
    assertThat(rows.left(List.of(first, reaper, had(FREE), second), 0))
        .isEqualTo(Map.of(LOCKED, List.of(first, second)));
    assertThat(reaper.isQueued()).isFalse();
  }

  private void bothAreLocked() {
    for (int i = 0; i < 3; i++) {
      miss(LOCKED, i);
      miss(BUSY, i);
      RowWaits _ = rows.first(ALL, at(i));
    }
    // Whose turn it is.
    assertThat(rows.contains(LOCKED) && rows.contains(BUSY)).isTrue();
    miss(BUSY, 2);
    miss(LOCKED, 2);
  }

  private void miss(UUID workspaceId, long millis) {
    Map<UUID, List<Ticket<?>>> _ = rows.left(List.of(heartbeat(workspaceId)), at(millis));
  }

  private void have(UUID workspaceId) {
    assertThat(rows.left(List.of(had(workspaceId)), 0)).isEmpty();
  }

  private static Ticket<?> had(UUID workspaceId) {
    Ticket<?> ticket = heartbeat(workspaceId);
    ticket.decide(new NotFound());
    ticket.commit();
    return ticket;
  }

  private static Ticket<?> heartbeat(UUID workspaceId) {
    return new Ticket<>(new Operation.Heartbeat(RunRef.of(workspaceId, new UUID(2, 2))), 0);
  }

  private static RowWaits atLength(UUID... onlyIfFree) {
    return new RowWaits(Set.of(onlyIfFree), Duration.ofMillis(400));
  }

  private static RowWaits forAMoment(UUID... onlyIfFree) {
    return new RowWaits(Set.of(onlyIfFree), Duration.ofMillis(30));
  }

  private static long at(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private static final class NotFound implements Ticket.Decider {
    @Override
    public <R> Outcome<R> decide(Operation<R> operation) {
      return Outcome.refused(new Refusal.NotFound());
    }
  }
}
