package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kill switches go first, and a lane passes between them. */
@Timeout(60)
class LaneDoorTest {
  private static final Duration NEVER = Duration.ofHours(1);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> order = new CopyOnWriteArrayList<>();
  private final Semaphore mayClose = new Semaphore(0);

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void anOpenDoorIsPassed() throws Exception {
    LaneDoor door = new LaneDoor(NEVER);
    door.awaitOpen();
    door.pause().close();
    door.awaitOpen();
    assertThat(door.waiting()).isZero();
  }

  @Test
  void aLaneThatWaitsPassesBeforeTheNextGroup() throws Exception {
    LaneDoor door = new LaneDoor(NEVER);
    LaneDoor.Pause first = door.pause();
    Future<?> lane = lane(door);
    List<Future<?>> switches = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      switches.add(kill(door));
    }
    await().until(() -> door.waiting() == 3);

    assertThat(order).isEmpty();
    first.close();
    lane.get();
    await().until(() -> order.size() == 4);
    assertThat(order).containsExactlyInAnyOrder("lane", "switch", "switch", "switch");
    Future<?> again = lane(door);
    mayClose.release(2);
    assertThat(again).isNotDone();
    mayClose.release();
    again.get();
    for (Future<?> each : switches) {
      each.get();
    }
  }

  @Test
  void whereNoLaneWaitsTheNextGroupFollowsAtOnce() throws Exception {
    LaneDoor door = new LaneDoor(NEVER);
    LaneDoor.Pause first = door.pause();
    Future<?> next = kill(door);
    await().until(() -> door.waiting() == 1);
    first.close();
    mayClose.release();
    next.get();
    door.awaitOpen();
  }

  @Test
  void thePlatformsSwitchWaitsForNoGroup() throws Exception {
    LaneDoor door = new LaneDoor(NEVER);
    LaneDoor.Pause first = door.pause();
    Future<?> waiting = kill(door);
    await().until(() -> door.waiting() == 1);
    LaneDoor.Pause platform = door.pauseNow();
    first.close();
    assertThat(order).isEmpty();
    platform.close();
    mayClose.release();
    waiting.get();
  }

  @Test
  void aLaneWhoseTurnItIsPassesThePlatformsSwitchesToo() throws Exception {
    LaneDoor door = new LaneDoor(NEVER);
    AtomicBoolean over = new AtomicBoolean();
    LaneDoor.Pause first = door.pauseNow();
    Future<?> storm =
        threads.submit(() -> {
          LaneDoor.Pause last = first;
          while (!over.get()) {
            last.close();
            last = door.pauseNow();
          }
          last.close();
        });
    try {
      for (int i = 0; i < 100; i++) {
        door.awaitOpen();
      }
    } finally {
      over.set(true);
    }
    storm.get();
    door.awaitOpen();
  }

  @Test
  void aGroupThatHangsKeepsNeitherLaneNorSwitchesForLong() throws Exception {
    LaneDoor door = new LaneDoor(Duration.ofMillis(20));
    LaneDoor.Pause hangs = door.pause();
    // Goes on without a pause.
    door.pause().close();
    door.awaitOpen();
    LaneDoor.Pause later = door.pause();
    hangs.close();
    Future<?> lane = lane(door);
    LaneDoor.Pause after = door.pause();
    lane.get();
    after.close();
    later.close();
    door.awaitOpen();
  }

  @Test
  void whoIsInterruptedLeavesTheLine() throws Exception {
    LaneDoor door = new LaneDoor(NEVER);
    LaneDoor.Pause first = door.pause();
    Thread waiter = Thread.ofVirtual().start(() -> door.pause().close());
    await().until(() -> door.waiting() == 1);
    waiter.interrupt();
    waiter.join();
    assertThat(door.waiting()).isZero();
    Thread lane =
        Thread.ofVirtual()
            .unstarted(() -> {
              try {
                door.awaitOpen();
              } catch (InterruptedException e) {
                order.add("interrupted");
              }
            });
    lane.start();
    await().until(() -> lane.getState() == Thread.State.TIMED_WAITING);
    lane.interrupt();
    lane.join();
    assertThat(order).containsExactly("interrupted");
    first.close();
    door.awaitOpen();
  }

  /** Nobody is forgotten, whoever comes when. */
  @Test
  void manySwitchesAndALaneAllGetThrough() throws Exception {
    LaneDoor door = new LaneDoor(NEVER);
    AtomicInteger switched = new AtomicInteger();
    List<Future<?>> all = new ArrayList<>();
    for (int client = 0; client < 32; client++) {
      boolean isPlatform = client == 0;
      all.add(
          threads.submit(() -> {
            for (int i = 0; i < 500; i++) {
              try (LaneDoor.Pause _ = isPlatform ? door.pauseNow() : door.pause()) {
                switched.incrementAndGet();
              }
            }
          }));
    }
    all.add(
        threads.submit(() -> {
          for (int i = 0; i < 500; i++) {
            door.awaitOpen();
          }
          return null;
        }));
    for (Future<?> each : all) {
      each.get();
    }
    assertThat(switched).hasValue(32 * 500);
    door.awaitOpen();
  }

  private Future<?> lane(LaneDoor door) {
    AtomicBoolean begun = new AtomicBoolean();
    Thread[] thread = new Thread[1];
    Future<?> lane =
        threads.submit(() -> {
          thread[0] = Thread.currentThread();
          begun.set(true);
          door.awaitOpen();
          order.add("lane");
          return null;
        });
    await().untilTrue(begun);
    await().until(() -> lane.isDone() || thread[0].getState() == Thread.State.TIMED_WAITING);
    return lane;
  }

  private Future<?> kill(LaneDoor door) {
    return threads.submit(() -> {
      try (LaneDoor.Pause _ = door.pause()) {
        order.add("switch");
        mayClose.acquire();
      }
      return null;
    });
  }
}
