package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which rows a batch does not wait for. */
class LockedRowsTest {
  private static final UUID LOCKED = new UUID(0, 1);
  private static final UUID BUSY = new UUID(0, 2);
  private static final UUID FREE = new UUID(0, 3);
  private static final List<UUID> ALL = List.of(LOCKED, BUSY, FREE);

  private final LockedRows rows = new LockedRows();

  @Test
  void everyRowIsWaitedForAsLongAsNoneWasLocked() {
    assertThat(rows.onlyIfFree(ALL, 0)).isEmpty();
    rows.add(LOCKED, 0);
    rows.remove(LOCKED);
    assertThat(rows.onlyIfFree(ALL, at(20))).isEmpty();
  }

  @Test
  void eachOfThemIsWaitedForInTurnOnceInAWhile() {
    rows.add(LOCKED, at(0));
    rows.add(BUSY, at(0));
    assertThat(rows.contains(LOCKED)).isTrue();
    assertThat(rows.contains(FREE)).isFalse();

    assertThat(rows.onlyIfFree(ALL, at(999))).isEqualTo(Set.of(LOCKED, BUSY));
    assertThat(rows.onlyIfFree(ALL, at(1000))).isEqualTo(Set.of(BUSY));
    assertThat(rows.onlyIfFree(ALL, at(1001))).isEqualTo(Set.of(LOCKED, BUSY));
    assertThat(rows.onlyIfFree(ALL, at(2000))).isEqualTo(Set.of(LOCKED));
    assertThat(rows.onlyIfFree(List.of(FREE), at(3000))).isEmpty();
    assertThat(rows.onlyIfFree(ALL, at(3000))).isEqualTo(Set.of(BUSY));
  }

  @Test
  void oneThatNobodyAsksAboutIsForgotten() {
    rows.add(LOCKED, at(0));
    assertThat(rows.onlyIfFree(List.of(FREE), at(10_001))).isEmpty();
    assertThat(rows.contains(LOCKED)).isFalse();
  }

  private static long at(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }
}
