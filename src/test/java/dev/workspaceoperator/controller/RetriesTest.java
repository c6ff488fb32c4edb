package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.ResourceIdentity;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private static final ResourceIdentity ONE = new ResourceIdentity("default", "team", "one");
  private static final ResourceIdentity OTHER = new ResourceIdentity("default", "team", "other");

  private final Retries retries = new Retries();

  @Test
  void eachPauseIsTwiceTheLastUpToTenSeconds() {
    Duration last = Duration.ZERO;
    for (int i = 0; i < 100; i++) {
      Duration pause = retries.overtaken(ONE);
      assertThat(pause).isGreaterThanOrEqualTo(last).isLessThanOrEqualTo(Duration.ofSeconds(10));
      last = pause;
    }
    assertThat(last).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void oneWorkspaceKnowsNothingOfAnother() {
    for (int i = 0; i < Retries.UNTIL_TOLD; i++) {
      assertThat(retries.isToTell(ONE)).isFalse();
      retries.overtaken(ONE);
    }
    assertThat(retries.isToTell(ONE)).isTrue();
    assertThat(retries.isToTell(OTHER)).isFalse();
    assertThat(retries.overtaken(OTHER)).isEqualTo(Retries.FIRST_PAUSE);
  }

  @Test
  void whatIsOverBeginsAnew() {
    for (int i = 0; i < Retries.UNTIL_TOLD; i++) {
      retries.overtaken(ONE);
    }
    retries.over(ONE);
    assertThat(retries.isToTell(ONE)).isFalse();
    assertThat(retries.overtaken(ONE)).isEqualTo(Retries.FIRST_PAUSE);
  }
}
