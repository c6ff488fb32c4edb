package dev.workspaceoperator.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.workspaceoperator.env.PostgresBinaries;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A failover of each kind under load; {@code ./mvnw -Pfailover} makes a hundred. */
class FailoverStormIT {
  private static final int FAILOVERS = Integer.getInteger("storm.failovers", 3);

  @Test
  @Tag("long")
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void whatWasAcknowledgedHoldsAtTheNewPrimary() throws Exception {
    assumeThat(PostgresBinaries.ofDistribution())
        .as("A PAIR NEEDS pg_basebackup: on Debian, apt-get install postgresql")
        .isPresent();
    long seed = Long.getLong("storm.seed", Storm.randomSeed());
    FailoverStorm storm = new FailoverStorm(seed, FAILOVERS);
    storm.run();
    assertThat(storm.tally().violations()).as("seed %d", seed).isEmpty();
    assertThat(storm.tally().of("~ unknown")).isZero();
    assertThat(storm.tally().comebacks().count()).isPositive();
    assertThat(storm.tally().comebacks().longest()).isLessThan(FailoverStorm.SERVED_WITHIN_SECONDS);
  }
}
