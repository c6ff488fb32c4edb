package dev.workspaceoperator.http.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.Workspaces;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventSubscriptionTest {
  private static final Authenticator.Attempt CREDENTIAL =
      new Authenticator.Attempt(List.of(), List.of("wsk_a"), Optional.empty(), "127.0.0.1");

  static Stream<RuntimeException> reasons() {
    return Stream.of(
        new OverloadedException("all is taken"),
        new ShareExceededException("the share is taken"),
        new StoreUnavailableException("away", new IOException()));
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void aStreamWhoseCredentialCannotBeJudgedNowIsJudgedLater(RuntimeException reason)
      throws IOException {
    AtomicInteger judged = new AtomicInteger();
    AtomicReference<EventSubscription> open = new AtomicReference<>();
    try (ChangeHub hub =
            hub(_ -> {
              if (judged.getAndIncrement() == 0) {
                Objects.requireNonNull(open.get()).mailbox().askForCheck();
                throw reason;
              }
              return new Authenticator.Unauthenticated("It is revoked.", true);
            });
        EventSubscription stream =
            hub.follow(
                snapshot().workspace().id(),
                EventSubscriptionTest::snapshot,
                StreamInterest.SETTINGS,
                CREDENTIAL)) {
      open.set(stream);
      stream.mailbox().askForCheck();

      stream.writeTo(OutputStream.nullOutputStream());

      assertThat(judged).hasValue(2);
      assertThat(stream.cause()).isEqualTo(EventSubscription.Cause.CREDENTIAL);
    }
  }

  @Test
  void theMoreStreamsThereAreTheRarerAreTheReadingsForThem() {
    AtomicInteger readings = new AtomicInteger();
    RuntimeSettings counting =
        settings(() -> {
          readings.incrementAndGet();
          return snapshot();
        });
    List<EventSubscription> streams = new ArrayList<>();
    try (ChangeHub hub =
        hub(_ -> new Authenticator.Unauthenticated("It is revoked.", true), counting)) {
      for (int number = 0; number < 250; number++) {
        streams.add(
            hub.follow(
                snapshot().workspace().id(),
                EventSubscriptionTest::snapshot,
                StreamInterest.SETTINGS,
                CREDENTIAL));
      }
      long start = System.nanoTime();
      int before = readings.get();
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> {
            hub.changed(streams.getFirst().identity(), Long.MAX_VALUE);
            return readings.get() >= before + 10;
          });

      // The first of them may have begun with fewer streams.
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(Duration.ofMillis(8 * 50));
      streams.forEach(EventSubscription::close);
    }
  }

  @Test
  void whoeverHasAllHisStreamsCostsNoReadingAndAReadingThatFailsNoPlace() {
    UUID id = snapshot().workspace().id();
    List<EventSubscription> streams = new ArrayList<>();
    int share = 2;
    try (ChangeHub hub =
        ChangeHub.start(
            _ -> new Authenticator.Unauthenticated("It is revoked.", true),
            settings(EventSubscriptionTest::snapshot),
            PlanDefaults.STANDARD,
            EventSettings.STANDARD.withStreamsMax(share * ChangeHub.WORKSPACE_PARTS),
            new SimpleMeterRegistry())) {
      Supplier<Snapshot> away =
          () -> {
            throw new StoreUnavailableException("away", new IOException());
          };
      for (int number = 0; number <= share; number++) {
        assertThatThrownBy(() -> hub.follow(id, away, StreamInterest.SETTINGS, CREDENTIAL))
            .isInstanceOf(StoreUnavailableException.class);
      }
      for (int number = 0; number < share; number++) {
        streams.add(
            hub.follow(id, EventSubscriptionTest::snapshot, StreamInterest.SETTINGS, CREDENTIAL));
      }

      assertThatThrownBy(() -> hub.follow(id, away, StreamInterest.SETTINGS, CREDENTIAL))
          .isInstanceOfSatisfying(
              ShareExceededException.class,
              e -> assertThat(e.retryAfter()).isEqualTo(ChangeHub.TRY_AGAIN));
    }
    streams.forEach(EventSubscription::close);
  }

  private static Snapshot snapshot() {
    return new Snapshot(
        Workspaces.of(State.PRESENT, Plan.SCALE, SettingValues.NONE, SettingValues.NONE),
        Workspaces.NOW);
  }

  private static RuntimeSettings settings(Supplier<Snapshot> read) {
    return (RuntimeSettings)
        Proxy.newProxyInstance(
            RuntimeSettings.class.getClassLoader(),
            new Class<?>[] {RuntimeSettings.class},
            (_, _, _) -> Optional.of(read.get()));
  }

  private static ChangeHub hub(Authenticator authenticator) {
    return hub(authenticator, settings(EventSubscriptionTest::snapshot));
  }

  private static ChangeHub hub(Authenticator authenticator, RuntimeSettings settings) {
    return ChangeHub.start(
        authenticator,
        settings,
        PlanDefaults.STANDARD,
        EventSettings.STANDARD,
        new SimpleMeterRegistry());
  }
}
