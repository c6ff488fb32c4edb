package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** One bound for a batch, whatever the number of workspaces; and one run for each start. */
class DeadRunsTest {
  private final DeadRuns runs = new DeadRuns();

  @Test
  void oneWorkspaceHasItAll() {
    runs.expire(id(1));
    assertThat(bounds()).containsExactly(Map.entry(id(1), 500));
  }

  @Test
  void thereIsARunForEachStart() {
    for (int i = 0; i < 512; i++) {
      runs.start(id(i % 510));
    }
    assertThat(bounds()).hasSize(510).containsEntry(id(0), 2).containsEntry(id(509), 1);
  }

  @Test
  void startsAndTheReaperHaveHalfEach() {
    for (int i = 0; i < 50; i++) {
      runs.start(id(i));
      runs.expire(id(25 + i));
    }
    assertThat(bounds())
        .hasSize(75)
        .containsEntry(id(0), 1 + 5)
        .containsEntry(id(30), 1 + 5 + 5)
        .containsEntry(id(60), 5);
  }

  @Test
  void whateverIsAskedThereIsOneBound() {
    for (int starting = 0; starting <= 512; starting += 64) {
      for (int expiring = 0; expiring <= 32; expiring += 4) {
        DeadRuns some = new DeadRuns();
        for (int i = 0; i < starting; i++) {
          some.start(id(i / 2));
        }
        for (int i = 0; i < expiring; i++) {
          some.expire(id(1000 - 20 * i));
        }
        assertThat(some.isEmpty()).isEqualTo(starting + expiring == 0);
        int[] all = new int[1];
        some.forEach(
            500,
            (_, bound) -> {
              assertThat(bound).isPositive();
              all[0] += bound;
            });
        assertThat(all[0]).isLessThanOrEqualTo(500 + starting);
      }
    }
  }

  private Map<UUID, Integer> bounds() {
    Map<UUID, Integer> bounds = new HashMap<>();
    runs.forEach(500, bounds::put);
    return bounds;
  }

  private static UUID id(int number) {
    return new UUID(0, number);
  }
}
