package dev.workspaceoperator.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.auth.Principal;
import dev.workspaceoperator.auth.SignInBounds;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RequestSlotsTest {
  private final RequestSlots slots = new RequestSlots(2_048, new SimpleMeterRegistry());
  private final Principal one = principal();

  @Test
  void oneWorkspacesLargeBodiesLeaveRoomForThoseOfOthers() {
    RequestSlots.Slot first = withLargeBody(one, Route.Cost.AT_ONCE);
    for (int taken = 1; taken < RequestSlots.LARGE_BODIES.ofOne(); taken++) {
      RequestSlots.Slot _ = withLargeBody(one, Route.Cost.IN_TURN);
    }

    assertThatThrownBy(() -> withLargeBody(one, Route.Cost.AT_ONCE))
        .isInstanceOf(ShareExceededException.class)
        .hasMessageContaining("16 large bodies");
    assertThatCode(() -> withLargeBody(principal(), Route.Cost.AT_ONCE)).doesNotThrowAnyException();
    first.close();
    assertThatThrownBy(() -> withLargeBody(one, Route.Cost.AT_ONCE))
        .as("it rests")
        .isInstanceOf(ShareExceededException.class);
    await()
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThatCode(() -> withLargeBody(one, Route.Cost.AT_ONCE))
                .doesNotThrowAnyException());
  }

  /** Whoever does not say how much he sends is not taken for one who sends much. */
  @Test
  void whoSentLittleNeedNotRest() {
    for (int taken = 0; taken < 2 * RequestSlots.LARGE_BODIES.ofOne(); taken++) {
      try (RequestSlots.Slot slot = withLargeBody(one, Route.Cost.AT_ONCE)) {
        slot.bodyIsSmall();
      }
    }
  }

  @Test
  void oneWorkspacesKillSwitchesLeaveRoomForThoseOfOthers() {
    RequestSlots.Slot first = signedIn(one, Route.Cost.KILL_SWITCH);
    for (int taken = 1; taken < RequestSlots.KILL_SWITCHES.ofOne(); taken++) {
      RequestSlots.Slot _ = signedIn(one, Route.Cost.KILL_SWITCH);
    }

    assertThatThrownBy(() -> signedIn(one, Route.Cost.KILL_SWITCH))
        .isInstanceOf(ShareExceededException.class)
        .hasMessageContaining("8 kill switches");
    assertThatCode(() -> signedIn(principal(), Route.Cost.KILL_SWITCH)).doesNotThrowAnyException();
    assertThatCode(() -> signedIn(one, Route.Cost.IN_TURN)).doesNotThrowAnyException();
    first.close();
    assertThatCode(() -> signedIn(one, Route.Cost.KILL_SWITCH)).doesNotThrowAnyException();
  }

  /** Else a slow store shuts out whoever needs no answer of it. */
  @Test
  void thoseThatWaitToBeJudgedLeavePlacesToOtherStrangers() {
    assertThat(SignInBounds.STANDARD.waiting()).isLessThan(RequestSlots.STRANGERS_MIN);
  }

  private RequestSlots.Slot withLargeBody(Principal principal, Route.Cost work) {
    RequestSlots.Slot slot = signedIn(principal, work);
    slot.largeBody(principal);
    return slot;
  }

  private RequestSlots.Slot signedIn(Principal principal, Route.Cost work) {
    Route route =
        Route.workspace(
                Verb.POST,
                "/v1/things",
                Scope.RUNS_WRITE,
                Route.RequestBody.JSON,
                _ -> {
                  throw new AssertionError("nobody asks");
                })
            .costing(work);
    RequestSlots.Slot slot = slots.slot();
    slot.enter();
    slot.signedIn(principal, route);
    return slot;
  }

  private static Principal principal() {
    return new Principal(
        "api-key:x", Optional.of(UUID.randomUUID()), Set.of(Scope.RUNS_WRITE), Optional.empty());
  }
}
