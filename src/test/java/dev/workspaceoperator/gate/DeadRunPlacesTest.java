package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DeadRunPlacesTest {
  private static final UUID ONE = new UUID(0, 1);
  private static final Instant EARLY = Instant.parse("2030-01-31T12:00:00Z");
  private static final Instant LATE = EARLY.plusSeconds(1);

  private final DeadRunPlaces places = new DeadRunPlaces();

  @Test
  void theNextLookBeginsAtTheFirstOfAFullOne() {
    look(2, LATE, EARLY);
    assertThat(places.from(ONE)).isEqualTo(EARLY);
    look(2, LATE, LATE);
    assertThat(places.from(ONE)).isEqualTo(LATE);
  }

  @Test
  void aLookThatFindsAllBeginsAnewTheNextTime() {
    look(2, EARLY, LATE);
    look(2, LATE);
    assertThat(places.from(ONE)).isEqualTo(DeadRunPlaces.BEGINNING);
  }

  @Test
  void whatAFailedBatchHasFoundDoesNotCount() {
    places.begin();
    places.found(ONE, EARLY);
    look(2, LATE);
    assertThat(places.from(ONE)).isEqualTo(DeadRunPlaces.BEGINNING);
  }

  private void look(int bound, Instant... leases) {
    places.begin();
    for (Instant lease : leases) {
      places.found(ONE, lease);
    }
    places.end(ONE, bound);
  }
}
