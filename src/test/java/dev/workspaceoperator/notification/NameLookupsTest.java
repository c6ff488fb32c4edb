package dev.workspaceoperator.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NameLookupsTest {
  private static final InetAddress ADDRESS = InetAddress.ofLiteral("192.0.2.1");

  @Test
  void whoAsksForANameThatHangsWaitsForABoundedTimeAndTakesOneThread() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    try (NameLookups lookups =
        new NameLookups(
            2,
            Duration.ofMillis(200),
            host -> {
              threads.add(Thread.currentThread());
              if (host.equals("hangs")) {
                begun.incrementAndGet();
                awaitQuietly(over);
              }
              return new InetAddress[] {ADDRESS};
            })) {
      for (int i = 0; i < 3; i++) {
        assertThatExceptionOfType(UnknownHostException.class)
            .isThrownBy(() -> lookups.addresses("hangs"))
            .withMessageContaining("has no addresses within");
      }
      for (int i = 0; i < 10; i++) {
        assertThat(lookups.addresses("answers-" + i)).containsExactly(ADDRESS);
      }
      assertThat(begun).hasValue(1);
      assertThat(threads).hasSizeLessThanOrEqualTo(2).noneMatch(Thread::isVirtual);

      over.countDown();
      await()
          .ignoreException(UnknownHostException.class)
          .until(() -> lookups.addresses("hangs").length == 1);
    }
  }

  @Test
  void aNameThatThereIsNotIsToldAsSuchAndAskedForAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (NameLookups lookups =
        new NameLookups(
            1,
            Duration.ofSeconds(10),
            host -> {
              if (asked.getAndIncrement() == 0) {
                throw new UnknownHostException("no " + host);
              }
              return new InetAddress[] {ADDRESS};
            })) {
      assertThatExceptionOfType(UnknownHostException.class)
          .isThrownBy(() -> lookups.addresses("late"))
          .withMessage("no late");
      await()
          .ignoreException(UnknownHostException.class)
          .until(() -> lookups.addresses("late").length == 1);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
