package dev.workspaceoperator.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A small storm; {@code ./mvnw -Pstorm} makes a big one. */
class StormIT {
  private static final int ADMISSIONS = Integer.getInteger("storm.admissions", 2_000);

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void whatWasAcknowledgedHoldsWhateverIsKilled() throws Exception {
    long seed = Long.getLong("storm.seed", Storm.randomSeed());
    Storm storm = new Storm(seed, ADMISSIONS, Servers.Way.of(System.getProperty("pooler", "")));
    storm.run();
    assertThat(storm.tally().violations()).as("seed %d", seed).isEmpty();
    assertThat(storm.tally().of("admitted")).isGreaterThanOrEqualTo(ADMISSIONS);
    assertThat(storm.tally().of("~ unknown")).isZero();
  }
}
