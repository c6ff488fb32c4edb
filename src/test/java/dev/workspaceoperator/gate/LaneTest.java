package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final UUID FIRST = new UUID(0, 1);
  private static final UUID SECOND = new UUID(0, 2);
  private static final GateSettings SETTINGS =
      new GateSettings(
          1, 4, 8, PATIENCE, Duration.ofMillis(300), new MicroUsd(1), PlanDefaults.STANDARD);

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
      Future<?> waiting = enterAndWait(lane);

      lane.close();

      assertThatThrownBy(waiting::get).cause().isInstanceOf(StoreUnavailableException.class);
    }
  }

  @Test
  void whoeverWaitsAtTheDoorTooLongIsRefused() throws Exception {
    try (Lane lane = lane(new SQLException("not reached"));
        LaneDoor.Pause _ = lane.pause()) {
      Future<?> waiting = enterAndWait(lane);

      lane.withdrawOverdue(System.nanoTime());
      assertThat(waiting.isDone()).isFalse();
      lane.withdrawOverdue(System.nanoTime() + PATIENCE.toNanos());

      assertThatThrownBy(waiting::get).cause().isInstanceOf(OverloadedException.class);
    }
  }

  /** Publishing is another thread's, and that is late here. */
  @Test
  void whatIsCommittedIsToldSoThoughTheRestOfItsBatchFails() throws Exception {
    ScriptedBatches script = new ScriptedBatches();
    Future<?> committed;
    Future<?> failed;
    try (Lane lane = lane(script)) {
      script.hold();
      Future<?> first = enter(lane);
      script.awaitBatch();
      ExecutorService platform = Executors.newFixedThreadPool(2);
      try {
        committed = platform.submit(() -> expire(lane, FIRST));
        await().until(() -> lane.waiting() == 1);
        failed = platform.submit(() -> expire(lane, SECOND));
        await().until(() -> lane.waiting() == 2);
        script.then(
            _ -> new BatchResult.Committed(),
            _ -> new BatchResult.NotCommitted(new IllegalStateException("not together")),
            _ -> {
              script.keepVirtualThreadsBusy();
              return new BatchResult.Committed();
            },
            _ -> {
              throw new AssertionError("a surprise");
            });
        script.release();
        first.get();

        assertThatThrownBy(failed::get).cause().hasRootCauseMessage("a surprise");
        assertThat(committed.get()).isEqualTo(ScriptedBatches.ANSWER);
      } finally {
        script.letVirtualThreadsGo();
        platform.shutdownNow();
      }
    }
  }

  @Test
  void whoWaitsWithOneOperationIsInTheNextBatchHoweverManyAnotherHas() throws Exception {
    ScriptedBatches script = new ScriptedBatches();
    try (Lane lane = lane(script)) {
      List<Future<?>> all = new ArrayList<>(List.of(enterAndHold(lane, script)));
      for (int i = 0; i < SETTINGS.queueMax() / 2; i++) {
        all.add(enter(lane, FIRST));
        int waiting = i + 1;
        await().until(() -> lane.waiting() == waiting);
      }
      all.add(enter(lane, SECOND));
      await().until(() -> lane.waiting() == SETTINGS.queueMax() / 2 + 1);
      release(script, all);
      assertThat(script.batches().get(1)).containsExactly(FIRST, SECOND, FIRST, FIRST);
    }
  }

  @Test
  void oneWorkspaceLeavesHalfOfTheQueueToOthers() throws Exception {
    ScriptedBatches script = new ScriptedBatches();
    try (Lane lane = lane(script)) {
      List<Future<?>> all = new ArrayList<>(List.of(enterAndHold(lane, script)));
      for (int i = 0; i < SETTINGS.queueMax() / 2; i++) {
        all.add(enter(lane, FIRST));
      }
      await().until(() -> lane.waiting() == SETTINGS.queueMax() / 2);

      assertThatThrownBy(() -> expire(lane, FIRST)).isInstanceOf(ShareExceededException.class);
      for (int i = 0; i < SETTINGS.queueMax() / 2; i++) {
        all.add(enter(lane, SECOND));
      }
      await().until(() -> lane.waiting() == SETTINGS.queueMax());
      assertThatThrownBy(() -> expire(lane, UUID.randomUUID()))
          .isInstanceOf(OverloadedException.class);
      release(script, all);
    }
  }

  @Test
  void theReaperHasAFewPlacesOfItsOwnAndASmallPartOfEachBatch() throws Exception {
    ScriptedBatches script = new ScriptedBatches();
    try (Lane lane = lane(script)) {
      List<Future<?>> all = new ArrayList<>(List.of(enterAndHold(lane, script)));
      List<Boolean> entered = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        entered.add(lane.enterReaper(ticket(new UUID(1, i))));
      }
      assertThat(entered).containsExactly(true, true, false, false, false);
      for (int i = 0; i < 6; i++) {
        all.add(enter(lane, i % 2 == 0 ? FIRST : SECOND));
        int waiting = i + 3;
        await().until(() -> lane.waiting() == waiting);
      }
      // However full the queue is, the reaper finds its places.
      assertThatThrownBy(() -> expire(lane, FIRST)).isInstanceOf(OverloadedException.class);
      release(script, all);
      assertThat(script.batches().subList(1, 3))
          .containsExactly(
              List.of(new UUID(1, 0), FIRST, SECOND, FIRST),
              List.of(SECOND, FIRST, new UUID(1, 1), SECOND));
    }
  }

  @Test
  void whoseRowIsLockedWaitsAndHisNeighboursDoNot() throws Exception {
    ScriptedBatches script = new ScriptedBatches();
    try (Lane lane = lane(script)) {
      script.locked().add(FIRST);
      List<Future<?>> locked = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        locked.add(callers.submit(() -> heartbeat(lane, FIRST)));
      }
      await()
          .until(
              () -> script.waits().contains(new RowWaits(Set.of(FIRST), Duration.ofMillis(400))));
      for (int i = 0; i < 10; i++) {
        enter(lane, SECOND).get();
      }
      // The reaper does not wait with it.
      Ticket<Integer> dead = ticket(FIRST);
      assertThat(lane.enterReaper(dead)).isTrue();
      assertThatThrownBy(dead::await).isInstanceOf(OverloadedException.class);
      assertThat(locked).noneMatch(Future::isDone);
      // Known by now: however long it takes, nobody waits at length for it.
      assertThat(copyFrom(1, script.waits()))
          .noneMatch(how -> how.onlyIfFree().isEmpty() && how.patience().equals(RowWaits.LONG));
      script.locked().clear();
      for (Future<?> each : locked) {
        each.get();
      }
      assertThat(script.waits().getFirst()).isEqualTo(new RowWaits(Set.of(), RowWaits.LONG));
    }
  }

  /** Whoever does not wait for its row never finds it free. */
  @Test
  void aNeighbourThatIsMerelyBusyDoesNotCountAsLocked() throws Exception {
    ScriptedBatches script = new ScriptedBatches();
    try (Lane lane = lane(script)) {
      script.hold();
      Future<?> first = enter(lane);
      script.awaitBatch();
      script.locked().add(FIRST);
      script.busy().add(SECOND);
      Future<?> locked = callers.submit(() -> heartbeat(lane, FIRST));
      await().until(() -> lane.waiting() == 1);
      Future<?> busy = callers.submit(() -> heartbeat(lane, SECOND));
      await().until(() -> lane.waiting() == 2);
      script.release();
      first.get();
      busy.get();
      callers.submit(() -> heartbeat(lane, SECOND)).get();

      assertThat(copyFrom(1, script.waits()).subList(0, 5))
          .containsExactly(
              new RowWaits(Set.of(), RowWaits.LONG),
              new RowWaits(Set.of(FIRST, SECOND), RowWaits.LONG),
              new RowWaits(Set.of(SECOND), RowWaits.SHORT),
              new RowWaits(Set.of(FIRST, SECOND), RowWaits.LONG),
              new RowWaits(Set.of(FIRST), RowWaits.SHORT));
      assertThat(copyFrom(6, script.waits())).noneMatch(how -> how.onlyIfFree().contains(SECOND));
      assertThat(locked.isDone()).isFalse();
      script.locked().clear();
      locked.get();
    }
  }

  @Test
  void onlyAPauseThatBeganIsCounted() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (Lane lane = lane(new ScriptedBatches(), registry);
        LaneDoor.Pause _ = lane.pause()) {
      // So that it does not wait for its turn.
      Thread.currentThread().interrupt();
      assertThat(lane.pause()).isSameAs(LaneDoor.Pause.NONE);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(registry.get("workspace_operator_gate_pauses").counter().count()).isEqualTo(1);
      lane.pauseNow().close();
      assertThat(registry.get("workspace_operator_gate_pauses").counter().count()).isEqualTo(2);
    }
  }

  @Test
  void whatTakesTooLongAtOnceIsDoneBitByBit() throws Exception {
    ScriptedBatches script = new ScriptedBatches();
    try (Lane lane = lane(script)) {
      script.hold();
      Future<?> first = enter(lane, FIRST);
      script.awaitBatch();
      List<Future<?>> slow = new ArrayList<>();
      List<Future<?>> after = new ArrayList<>();
      for (int i = 0; i < SETTINGS.queueMax(); i++) {
        (i < SETTINGS.batchMax() ? slow : after).add(enter(lane));
        int waiting = i + 1;
        await().until(() -> lane.waiting() == waiting);
      }
      script.then(
          _ -> new BatchResult.Committed(),
          _ -> new BatchResult.NotCommitted(new SQLException("too long", "57014")));
      script.release();
      first.get();
      for (Future<?> each : slow) {
        assertThatThrownBy(each::get).cause().isInstanceOf(StoreUnavailableException.class);
      }
      for (Future<?> each : after) {
        each.get();
      }
      assertThat(script.batches()).extracting(List::size).containsExactly(1, 4, 1, 2, 1);
    }
  }

  /** It grows meanwhile. */
  private static List<RowWaits> copyFrom(int first, List<RowWaits> growing) {
    List<RowWaits> copy = List.copyOf(growing);
    return copy.subList(first, copy.size());
  }

  private Future<?> enterAndWait(Lane lane) {
    Future<?> waiting = enter(lane);
    await().until(() -> lane.waiting() == 1);
    return waiting;
  }

  /** One operation, whose batch does not end until it is released. */
  private Future<?> enterAndHold(Lane lane, ScriptedBatches script) throws InterruptedException {
    script.hold();
    Future<?> held = enter(lane, FIRST);
    script.awaitBatch();
    return held;
  }

  private static void release(ScriptedBatches script, List<Future<?>> all) throws Exception {
    script.release();
    for (Future<?> each : all) {
      each.get();
    }
  }

  private Future<?> enter(Lane lane) {
    return enter(lane, UUID.randomUUID());
  }

  private Future<?> enter(Lane lane, UUID workspaceId) {
    return callers.submit(() -> expire(lane, workspaceId));
  }

  private static Outcome<Run> heartbeat(Lane lane, UUID workspaceId) {
    Ticket<Run> ticket =
        new Ticket<>(
            new Operation.Heartbeat(RunRef.of(workspaceId, new UUID(2, 2))),
            System.nanoTime() + PATIENCE.toNanos());
    lane.enter(ticket);
    return ticket.await();
  }

  private static Outcome<Integer> expire(Lane lane, UUID workspaceId) {
    Ticket<Integer> ticket = ticket(workspaceId);
    lane.enter(ticket);
    return ticket.await();
  }

  private static Ticket<Integer> ticket(UUID workspaceId) {
    return new Ticket<>(new Operation.Expire(workspaceId), System.nanoTime() + PATIENCE.toNanos());
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
    return lane(new LaneSession(failing, SETTINGS, PATIENCE));
  }

  private static Lane lane(Batches batches) {
    return lane(batches, new SimpleMeterRegistry());
  }

  private static Lane lane(Batches batches, SimpleMeterRegistry registry) {
    Lane lane = new Lane("lane", batches, SETTINGS, new GateMetrics(registry));
    lane.start();
    return lane;
  }
}
