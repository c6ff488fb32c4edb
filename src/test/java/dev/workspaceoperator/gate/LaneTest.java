package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.OverloadedException;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of those who wait in a lane when it cannot do its work. */
@Timeout(30)
class LaneTest {
  private static final Duration PATIENCE = Duration.ofMillis(300);
  private static final GateSettings SETTINGS =
      new GateSettings(1, 10, 10, PATIENCE, PATIENCE, new MicroUsd(1), PlanDefaults.STANDARD);

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void end() {
    callers.shutdownNow();
  }

  @Test
  void aFailureThatNobodyForesawIsToldAndTheLaneLivesOn() throws Exception {
    for (Throwable unforeseen :
        new Throwable[] {new IllegalStateException("a surprise"), new AssertionError("another")}) {
      try (Lane lane = lane(unforeseen)) {
        for (int i = 0; i < 2; i++) {
          assertThatThrownBy(enter(lane)::get)
              .cause()
              .isInstanceOf(IllegalStateException.class)
              .hasRootCause(unforeseen);
        }
      }
    }
  }

  @Test
  void whoeverWaitsAtTheDoorHearsWhenTheLaneCloses() throws Exception {
    Lane lane = lane(new SQLException("not reached"));
    try (LaneDoor.Pause _ = lane.pause()) {
      Future<?> waiting = enterAndLeaveQueue(lane);

      lane.close();

      assertThatThrownBy(waiting::get).cause().isInstanceOf(StoreUnavailableException.class);
    }
  }

  @Test
  void whoeverWaitsAtTheDoorTooLongIsRefused() throws Exception {
    try (Lane lane = lane(new SQLException("not reached"));
        LaneDoor.Pause _ = lane.pause()) {
      Future<?> waiting = enterAndLeaveQueue(lane);

      lane.withdrawOverdue(System.nanoTime());
      assertThat(waiting.isDone()).isFalse();
      lane.withdrawOverdue(System.nanoTime() + PATIENCE.toNanos());

      assertThatThrownBy(waiting::get).cause().isInstanceOf(OverloadedException.class);
    }
  }

  private Future<?> enterAndLeaveQueue(Lane lane) {
    Future<?> waiting = enter(lane);
    // At most as long as the lane looks into an empty queue.
    await().pollDelay(Duration.ofMillis(50)).until(() -> lane.waiting() == 0);
    return waiting;
  }

  private Future<?> enter(Lane lane) {
    return callers.submit(() -> {
      Ticket<Integer> ticket =
          new Ticket<>(
              new Operation.Expire(UUID.randomUUID()), System.nanoTime() + PATIENCE.toNanos());
      lane.enter(ticket);
      return ticket.await();
    });
  }

  /** A lane whose database fails so. */
  private static Lane lane(Throwable failure) {
    DataSource failing =
        (DataSource)
            Proxy.newProxyInstance(
                LaneTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> {
                  throw failure;
                });
    Lane lane =
        new Lane(
            "lane",
            new LaneSession(failing, SETTINGS),
            SETTINGS,
            new GateMetrics(new SimpleMeterRegistry()));
    lane.start();
    return lane;
  }
}
