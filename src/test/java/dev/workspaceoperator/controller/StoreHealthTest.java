package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StoreHealthTest {
  private final AtomicLong nanos = new AtomicLong(-5);
  private final StoreHealth health = new StoreHealth(nanos::get);

  @Test
  void whileItAnswersEveryCallerMayTry() {
    assertThat(health.mayTry()).isTrue();
    assertThat(health.mayTry()).isTrue();
    assertThat(health.downFor()).isEmpty();
    assertThat(health.isReported()).isFalse();
  }

  @Test
  void whileItIsDownOneCallerASecondMayTry() {
    health.failed();
    assertThat(health.mayTry()).isFalse();
    pass(Duration.ofSeconds(1));
    assertThat(health.mayTry()).isTrue();
    assertThat(health.mayTry()).isFalse();
    pass(Duration.ofSeconds(1));
    assertThat(health.mayTry()).isTrue();
  }

  @Test
  void itIsReportedAfterTenSecondsOfSilenceAndNotBefore() {
    health.failed();
    pass(Duration.ofSeconds(10).minusNanos(1));
    assertThat(health.isReported()).isFalse();
    pass(Duration.ofNanos(1));
    assertThat(health.isReported()).isTrue();
  }

  @Test
  void furtherFailuresDoNotStartTheSilenceAnew() {
    health.failed();
    pass(Duration.ofSeconds(9));
    health.failed();
    pass(Duration.ofSeconds(1));
    assertThat(health.downFor()).contains(Duration.ofSeconds(10));
    assertThat(health.isReported()).isTrue();
  }

  @Test
  void oneAnswerEndsTheSilence() {
    health.failed();
    pass(Duration.ofSeconds(20));
    health.answered();
    assertThat(health.mayTry()).isTrue();
    assertThat(health.isReported()).isFalse();
    health.failed();
    assertThat(health.downFor()).contains(Duration.ZERO);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
