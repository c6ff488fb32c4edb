package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.HashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The right to write, on a clock that is moved by hand; LeadershipIT has the real one. */
class LeaderLeaseTest {
  private static final long LEASE_NANOS = LeaderLease.LEASE_DURATION.toNanos();

  private final AtomicLong nanos = new AtomicLong(-5);
  private final AtomicBoolean refusing = new AtomicBoolean();
  private final AtomicLong writeTakesNanos = new AtomicLong();
  private final AtomicInteger writes = new AtomicInteger();
  private final CountDownLatch won = new CountDownLatch(1);
  private final CountDownLatch lost = new CountDownLatch(1);

  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(),
          new MockWebServer(),
          new HashMap<>(),
          new SlowOrRefusing(),
          /* useHttps= */ false);

  private KubernetesClient client;

  @BeforeEach
  void start() {
    server.init();
    try (KubernetesClient defaults = server.createClient()) {
      client =
          new KubernetesClientBuilder()
              .withConfig(
                  new ConfigBuilder(defaults.getConfiguration())
                      .withRequestRetryBackoffLimit(0)
                      .build())
              .build();
    }
  }

  @AfterEach
  void stop() {
    client.close();
    server.destroy();
  }

  @Test
  void whoHasNotWonMayNotWrite() {
    try (LeaderLease lease = lease("one")) {
      assertThat(lease.mayWrite()).isFalse();
      assertThat(lease.isAnothers()).isFalse();
    }
  }

  @Test
  void whoHasWonMayWriteUntilTheLeaseHasRunOutSinceItsLastRenewal() {
    try (LeaderLease lease = lease("one")) {
      lease.start(won::countDown, lost::countDown);
      await().until(() -> won.getCount() == 0);
      refusing.set(true);
      awaitRefusal();

      nanos.addAndGet(LEASE_NANOS - 1);
      assertThat(lease.mayWrite()).isTrue();
      nanos.addAndGet(1);
      assertThat(lease.mayWrite()).isFalse();
    }
  }

  @Test
  void aRenewalGivesTheRightAnew() {
    try (LeaderLease lease = lease("one")) {
      lease.start(won::countDown, lost::countDown);
      await().until(() -> won.getCount() == 0);
      nanos.addAndGet(LEASE_NANOS);

      await().until(lease::mayWrite);
    }
  }

  @Test
  void theLeaseRunsFromWhenTheRequestWasSentAndNotFromItsAnswer() {
    writeTakesNanos.set(LEASE_NANOS);
    try (LeaderLease lease = lease("one")) {
      lease.start(won::countDown, lost::countDown);
      await().until(() -> won.getCount() == 0);

      assertThat(lease.mayWrite()).isFalse();
    }
  }

  @Test
  void anotherMayNotWriteWhileTheLeaseIsHeldAndHasItOnceItIsGivenBack() {
    AtomicBoolean secondWon = new AtomicBoolean();
    try (LeaderLease second = lease("two")) {
      try (LeaderLease first = lease("one")) {
        first.start(won::countDown, lost::countDown);
        await().until(() -> won.getCount() == 0);
        second.start(() -> secondWon.set(true), () -> {});
        await().during(LeaderLease.RETRY_PERIOD.multipliedBy(2)).until(() -> !secondWon.get());
        assertThat(second.mayWrite()).isFalse();
        assertThat(second.isAnothers()).isTrue();
        assertThat(first.isAnothers()).isFalse();
      }
      await().atMost(LeaderLease.LEASE_DURATION.dividedBy(2)).untilTrue(secondWon);
      assertThat(second.mayWrite()).isTrue();
    }
  }

  @Test
  void whoCannotRenewIsToldThatItHasLost() {
    try (LeaderLease lease = lease("one")) {
      lease.start(won::countDown, lost::countDown);
      await().until(() -> won.getCount() == 0);
      refusing.set(true);

      await().atMost(LeaderLease.RENEW_DEADLINE.multipliedBy(2)).until(() -> lost.getCount() == 0);
    }
  }

  private LeaderLease lease(String identity) {
    return new LeaderLease(client, "default", identity, nanos::get);
  }

  private void awaitRefusal() {
    int before = writes.get();
    await().until(() -> writes.get() > before);
  }

  private final class SlowOrRefusing extends KubernetesCrudDispatcher {
    @Override
    public MockResponse dispatch(RecordedRequest request) {
      boolean write = !request.getMethod().equals("GET");
      if (write) {
        writes.incrementAndGet();
        if (refusing.get()) {
          return new MockResponse().setResponseCode(503);
        }
        nanos.addAndGet(writeTakesNanos.get());
      }
      return super.dispatch(request);
    }
  }
}
