package dev.workspaceoperator.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicInteger begun = new AtomicInteger();

  @BeforeEach
  void observe() {
    Metrics.addRegistry(registry);
  }

  @AfterEach
  void leave() {
    Metrics.removeRegistry(registry);
  }

  @Test
  void anErrorDoesNotEndAThreadAndIsCountedAndTold() throws InterruptedException {
    CountDownLatch goOn = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .start(
                Loop.kept(
                    "test-error",
                    () -> {
                      if (begun.incrementAndGet() < 3) {
                        throw new StackOverflowError("on purpose");
                      }
                      goOn.await();
                    }));

    await().until(() -> up("test-error") == 0);
    await().until(() -> begun.get() == 3);
    assertThat(failures("test-error")).isEqualTo(2);
    assertThat(up("test-error")).isEqualTo(1);

    goOn.countDown();
    thread.join();
    assertThat(begun).hasValue(3);
  }

  @Test
  void anInterruptEndsItAlsoWhileItRests() throws InterruptedException {
    Thread working =
        Thread.ofPlatform().start(Loop.kept("test-working", new CountDownLatch(1)::await));
    Thread resting =
        Thread.ofPlatform()
            .start(
                Loop.kept(
                    "test-resting",
                    () -> {
                      begun.incrementAndGet();
                      throw new IllegalStateException("on purpose");
                    }));
    await().until(() -> up("test-resting") == 0);

    working.interrupt();
    resting.interrupt();

    working.join();
    resting.join();
    assertThat(failures("test-working")).isZero();
    assertThat(failures("test-resting")).isEqualTo(begun.get());
  }

  /** An executor would never run it again. */
  @Test
  void aRoundThatFailsIsFollowedByAnother() {
    try (ScheduledExecutorService executor = Executors.newScheduledThreadPool(1)) {
      var _ =
          executor.scheduleWithFixedDelay(
              Loop.round(
                  "test-round",
                  () -> {
                    if (begun.incrementAndGet() < 3) {
                      throw new NoClassDefFoundError("on purpose");
                    }
                  }),
              0,
              1,
              TimeUnit.MILLISECONDS);

      await().until(() -> begun.get() > 3);
      executor.shutdownNow();
    }
    assertThat(failures("test-round")).isEqualTo(2);
    assertThat(up("test-round")).isEqualTo(1);
  }

  @Test
  void aRoundThatFailedSaysSoUntilOneWorks() {
    Runnable round =
        Loop.round(
            "test-gauge",
            () -> {
              if (begun.incrementAndGet() < 3) {
                throw new NoClassDefFoundError("on purpose");
              }
            });
    round.run();
    round.run();
    assertThat(up("test-gauge")).isZero();
    round.run();
    assertThat(up("test-gauge")).isEqualTo(1);
  }

  private double failures(String loop) {
    return registry.get(Loop.FAILURES).tag("loop", loop).counter().count();
  }

  private double up(String loop) {
    return registry.get(Loop.UP).tag("loop", loop).gauge().value();
  }
}
