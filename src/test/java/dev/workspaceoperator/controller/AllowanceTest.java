package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AllowanceTest {
  private static final long START = -2_500; // nanoTime starts anywhere.

  private final Allowance allowance = new Allowance(3, Duration.ofNanos(1_000));

  @Test
  void letsThroughSoManyAtOnceAndThenOneEachPace() {
    assertThat(usedAt(START)).isEqualTo(3);
    assertThat(usedAt(START + 999)).isZero();
    assertThat(usedAt(START + 1_000)).isOne();
    assertThat(usedAt(START + 1_999)).isZero();
    assertThat(usedAt(START + 3_500)).isEqualTo(2);
    assertThat(usedAt(START + 4_000)).isOne();
  }

  @Test
  void savesUpNoMoreThanItsMost() {
    assertThat(usedAt(START)).isEqualTo(3);
    assertThat(usedAt(START + 1_000_000)).isEqualTo(3);
  }

  @Test
  void doesNotLetThroughWhatIsNotLeft() {
    usedAt(START);

    assertThatIllegalStateException().isThrownBy(allowance::use);
  }

  private int usedAt(long nowNanos) {
    int used = 0;
    while (allowance.isLeft(nowNanos)) {
      allowance.use();
      used++;
    }
    return used;
  }
}
