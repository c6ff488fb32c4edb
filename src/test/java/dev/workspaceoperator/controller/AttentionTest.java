package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.ResourceIdentity;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AttentionTest {
  private static final ResourceIdentity ONE = new ResourceIdentity("here", "ns", "one");
  private static final ResourceIdentity OTHER = new ResourceIdentity("here", "ns", "other");
  private static final Optional<Stall> STALLED =
      Optional.of(new Stall(Reason.SLUG_TAKEN, "Another workspace holds the slug."));

  private final Attention attention = new Attention();
  private final List<ResourceID> asked = new ArrayList<>();

  @BeforeEach
  void listen() {
    SimpleInboundEventSource<?> source = attention.eventSource();
    source.setEventHandler((Event event) -> asked.add(event.getRelatedCustomResourceID()));
    source.start();
    attention.seen(ONE, Optional.of(1L), Optional.empty());
  }

  @Test
  void aNewerRevisionIsLookedAtAndAnOldOneIsNot() {
    attention.changed(ONE, 1);
    assertThat(asked).isEmpty();

    attention.changed(ONE, 2);
    assertThat(asked).containsExactly(Attention.resourceId(ONE));
  }

  /** The chain's head in status is what a lost store is held against: how old it is counts. */
  @Test
  void statusIsBehindFromAChangeUntilItIsDealtWith() {
    assertThat(attention.behind()).isZero();

    attention.changed(ONE, 2);
    assertThat(attention.behind()).isPositive();

    attention.seen(ONE, Optional.of(2L), Optional.empty());
    assertThat(attention.behind()).isZero();

    attention.changed(ONE, 3);
    attention.gone(ONE);
    assertThat(attention.behind()).isZero();
  }

  @Test
  void anotherClustersWorkspaceIsNotLookedAt() {
    attention.changed(new ResourceIdentity("elsewhere", "ns", "one"), 2);
    assertThat(asked).isEmpty();
  }

  @Test
  void theAnnouncementOfOnesOwnWriteMakesForNoOtherLook() {
    attention.syncing(ONE);
    attention.changed(ONE, 2);
    attention.synced(ONE, Optional.of(2L));
    attention.changed(ONE, 2);

    assertThat(asked).isEmpty();
  }

  @Test
  void aNewerRevisionThatIsAnnouncedDuringAWriteIsLookedAtAfterIt() {
    attention.syncing(ONE);
    attention.changed(ONE, 3);
    assertThat(asked).isEmpty();

    attention.synced(ONE, Optional.of(2L));
    assertThat(asked).containsExactly(Attention.resourceId(ONE));
  }

  @Test
  void whatIsAnnouncedDuringAWriteThatFailedIsLookedAt() {
    attention.syncing(ONE);
    attention.changed(ONE, 2);
    attention.synced(ONE, Optional.empty());

    assertThat(asked).containsExactly(Attention.resourceId(ONE));
  }

  @Test
  void whoIsStalledIsLookedAtWhenSomethingIsFreed() {
    attention.seen(OTHER, Optional.empty(), STALLED);
    attention.freed();
    assertThat(asked).containsExactly(Attention.resourceId(OTHER));

    asked.clear();
    attention.seen(OTHER, Optional.of(1L), Optional.empty());
    attention.freed();
    assertThat(asked).isEmpty();
  }

  @Test
  void everyoneKnownIsLookedAtWhenChangesMayHaveBeenMissed() {
    attention.met(OTHER);
    attention.resync();
    assertThat(asked)
        .containsExactlyInAnyOrder(Attention.resourceId(ONE), Attention.resourceId(OTHER));
  }
}
