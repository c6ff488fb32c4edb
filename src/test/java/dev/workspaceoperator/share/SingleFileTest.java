package dev.workspaceoperator.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.OverloadedException;
import dev.workspaceoperator.workspace.ShareExceededException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SingleFileTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void oneOfATenantIsUnderWayAtATime() throws Exception {
    SingleFile<String> file = file(100, Duration.ofMinutes(1));
    AtomicInteger inside = new AtomicInteger();
    CompletableFuture<?>[] all = new CompletableFuture<?>[50];
    for (int i = 0; i < all.length; i++) {
      CompletableFuture<Integer> one = new CompletableFuture<>();
      all[i] = one;
      Thread.startVirtualThread(
          () -> {
            try (Shares.Place _ = file.take("a")) {
              int now = inside.incrementAndGet();
              Thread.onSpinWait();
              inside.decrementAndGet();
              one.complete(now);
            }
          });
    }
    for (CompletableFuture<?> one : all) {
      assertThat(one.get()).isEqualTo(1);
    }
  }

  @Test
  void whoIsManyAtOnceOrWaitsTooLongIsToldToComeAgainAndOthersDoNotNotice() {
    SingleFile<String> file = file(2, Duration.ofMillis(1));
    try (Shares.Place _ = file.take("a")) {
      assertThatThrownBy(() -> file.take("a"))
          .isInstanceOfSatisfying(
              ShareExceededException.class,
              it -> assertThat(it.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
      file.take("b").close();
    }
    file.take("a").close();
    SingleFile<String> ofOne = file(1, Duration.ofMinutes(1));
    try (Shares.Place _ = ofOne.take("a")) {
      assertThatThrownBy(() -> ofOne.take("a")).isInstanceOf(ShareExceededException.class);
    }
    assertThat(registry.get(ShareWatch.REFUSED).tag("whose", "one").counter().count()).isEqualTo(2);
  }

  @Test
  void whoIsInterruptedLeavesTheLine() throws Exception {
    SingleFile<String> file = file(2, Duration.ofMinutes(1));
    CompletableFuture<Throwable> heard = new CompletableFuture<>();
    try (Shares.Place _ = file.take("a")) {
      Thread waiter =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      file.take("a").close();
                    } catch (OverloadedException e) {
                      heard.complete(e);
                    }
                  });
      await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
      waiter.interrupt();
      assertThat(heard.get()).isInstanceOf(OverloadedException.class);
    }
    file.take("a").close();
  }

  private SingleFile<String> file(int most, Duration patience) {
    return new SingleFile<>("turns", "turns", most, patience, registry);
  }
}
