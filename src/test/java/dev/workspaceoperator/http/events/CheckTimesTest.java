package dev.workspaceoperator.http.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When the credential of a stream is judged again. */
class CheckTimesTest {
  private static final long OPENED = -5;
  private static final long LONG_AGO = at(-60_000);

  private final CheckTimes times = new CheckTimes(OPENED);

  @Test
  void isNotJudgedWhileNothingChanges() {
    assertThat(times.isDue(at(60_000), LONG_AGO)).isFalse();
  }

  @Test
  void isJudgedOnceAChangeHasSettled() {
    assertThat(times.isDue(at(700), at(200))).isFalse();
    assertThat(times.isDue(at(750), at(200))).isTrue();
    times.checked(at(750));
    assertThat(times.isDue(at(60_000), at(200))).isFalse();
  }

  @Test
  void isJudgedWithinASecondThoughChangesGoOn() {
    assertThat(times.isDue(at(900), at(800))).isFalse();
    assertThat(times.isDue(at(1_000), at(900))).isTrue();
    times.checked(at(1_000));
    // What changed just before may not have been minded.
    assertThat(times.isDue(at(1_450), at(900))).isTrue();
  }

  @Test
  void isTriedAgainASecondAfterItCouldNotBeJudged() {
    times.failed(at(800));
    assertThat(times.isDue(at(1_700), at(200))).isFalse();
    assertThat(times.isDue(at(1_800), at(200))).isTrue();
  }

  private static long at(long millis) {
    return OPENED + Duration.ofMillis(millis).toNanos();
  }
}
