package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.workspace.OverloadedException;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.RuntimeSettings;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.ShareExceededException;
import dev.workspaceoperator.workspace.Snapshot;
import dev.workspaceoperator.workspace.StoreUnavailableException;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.Workspaces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
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
            hub.follow(snapshot(), ChangeHub.Interest.SETTINGS, CREDENTIAL)) {
      open.set(stream);
      stream.mailbox().askForCheck();

      stream.writeTo(OutputStream.nullOutputStream());

      assertThat(judged).hasValue(2);
      assertThat(stream.cause()).isEqualTo(EventSubscription.Cause.CREDENTIAL);
    }
  }

  private static Snapshot snapshot() {
    return new Snapshot(
        Workspaces.of(State.PRESENT, Plan.SCALE, SettingValues.NONE, SettingValues.NONE),
        Workspaces.NOW);
  }

  private static ChangeHub hub(Authenticator authenticator) {
    RuntimeSettings unchanged =
        (RuntimeSettings)
            Proxy.newProxyInstance(
                RuntimeSettings.class.getClassLoader(),
                new Class<?>[] {RuntimeSettings.class},
                (_, _, _) -> Optional.of(snapshot()));
    return ChangeHub.start(
        authenticator,
        unchanged,
        PlanDefaults.STANDARD,
        EventSettings.STANDARD,
        new SimpleMeterRegistry());
  }
}
