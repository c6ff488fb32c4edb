package dev.workspaceoperator.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.http.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class StoreTurnsTest {
  private static final Duration WORK = Duration.ofMillis(100);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final StoreTurns turns =
      StoreTurns.of(StoreWork.on(10, Duration.ofSeconds(10)), registry);
  private final RequestSlots slots = new RequestSlots(16, registry);

  @Test
  void whoeverReadsPagesInALoopLeavesHalfOfTheTimeToOthers() {
    List<Long> began = new ArrayList<>();
    Supplier<Answer> page =
        () -> {
          began.add(System.nanoTime());
          work();
          return new Answer.Whole(Status.OK_200, List.of(), new byte[0]);
        };

    for (int number = 0; number < 2; number++) {
      try (RequestSlots.Slot slot = slots.slot()) {
        Answer _ = turns.read("a", slot, page);
      }
    }

    assertThat(Duration.ofNanos(began.getLast() - began.getFirst()))
        .isGreaterThanOrEqualTo(WORK.multipliedBy(2));
  }

  private static void work() {
    try {
      Thread.sleep(WORK);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
