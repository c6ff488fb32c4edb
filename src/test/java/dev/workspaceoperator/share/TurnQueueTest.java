package dev.workspaceoperator.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.share.TurnQueue.Offer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TurnQueueTest {
  private final TurnQueue<String, String> queue = new TurnQueue<>(new ShareBounds(6, 4));

  @Test
  void whoWaitsWithOneItemIsServedInTheNextRound() {
    offer("a", "a1", "a2", "a3");
    offer("b", "b1");
    offer("c", "c1", "c2");

    assertThat(queue.take(4)).containsExactly("a1", "b1", "c1", "a2");
    assertThat(queue.take(9)).containsExactly("c2", "a3");
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void whoComesAgainWaitsForTheOthersTurns() {
    offer("a", "a1");
    offer("b", "b1", "b2");

    assertThat(queue.take(1)).containsExactly("a1");
    offer("a", "a2");

    assertThat(queue.take(3)).containsExactly("b1", "a2", "b2");
  }

  @Test
  void oneTenantLeavesRoomForOthers() {
    offer("a", "a1", "a2", "a3", "a4");

    assertThat(queue.offer("a", "a5")).isEqualTo(Offer.OWN_SHARE_FULL);
    assertThat(queue.offer("b", "b1")).isEqualTo(Offer.TAKEN);
    assertThat(queue.offer("c", "c1")).isEqualTo(Offer.TAKEN);
    assertThat(queue.offer("d", "d1")).isEqualTo(Offer.ALL_FULL);
    assertThat(queue.size()).isEqualTo(6);
  }

  @Test
  void whatIsTakenOutOfTheMiddleMakesRoomAndLeavesTheOrder() {
    offer("a", "a1", "a2", "a3", "a4");
    offer("b", "b1");

    assertThat(queue.takeIf(List.of("a2", "a4", "b1")::contains))
        .containsExactlyInAnyOrder("a2", "a4", "b1");

    assertThat(queue.size()).isEqualTo(2);
    offer("b", "b2");
    assertThat(queue.take(9)).containsExactly("a1", "b2", "a3");
  }

  @Test
  void ofOneNoMoreIsTakenThanIsSaidOfHim() {
    offer("a", "a1", "a2", "a3");
    offer("b", "b1", "b2", "b3");

    assertThat(queue.take(9, whose -> whose.equals("a") ? 1 : 2)).containsExactly("a1", "b1", "b2");
    assertThat(queue.take(9, whose -> whose.equals("a") ? 0 : 9)).containsExactly("b3");
    assertThat(queue.take(9)).containsExactly("a2", "a3");
  }

  @Test
  void whatIsPutBackIsTheFirstOfItsLineAgain() {
    offer("a", "a1", "a2", "a3", "a4");
    offer("b", "b1");
    List<String> taken = queue.take(4);
    offer("c", "c1", "c2");

    queue.putBack("a", List.of("a1", "a2", "a3"));
    queue.putBack("b", List.of());

    assertThat(taken).containsExactly("a1", "b1", "a2", "a3");
    assertThat(queue.size()).isEqualTo(6);
    assertThat(queue.take(9)).containsExactly("a1", "c1", "a2", "c2", "a3", "a4");
    queue.putBack("a", List.of("a4"));
    assertThat(queue.take(9)).containsExactly("a4");
  }

  @Test
  void whoHasOtherBoundsFindsRoomWhereOthersFindNone() {
    offer("a", "a1", "a2", "a3");
    offer("b", "b1", "b2", "b3");
    ShareBounds others = new ShareBounds(8, 1);

    assertThat(queue.offer("c", "c1")).isEqualTo(Offer.ALL_FULL);
    assertThat(queue.offer("c", "c1", others)).isEqualTo(Offer.TAKEN);
    assertThat(queue.offer("c", "c2", others)).isEqualTo(Offer.OWN_SHARE_FULL);
  }

  @Test
  void nothingComesForALongTime() throws InterruptedException {
    assertThat(queue.awaitItem(Duration.ofMillis(1))).isFalse();
  }

  @Test
  void whoWaitsForAnItemHearsOfIt() throws Exception {
    CompletableFuture<Boolean> heard = new CompletableFuture<>();
    Thread waiter =
        Thread.ofVirtual()
            .start(() -> {
              try {
                heard.complete(queue.awaitItem(Duration.ofMinutes(1)));
              } catch (InterruptedException e) {
                heard.completeExceptionally(e);
              }
            });

    offer("a", "a1");

    assertThat(heard.get(10, TimeUnit.SECONDS)).isTrue();
    waiter.join();
  }

  private void offer(String whose, String... items) {
    for (String item : items) {
      assertThat(queue.offer(whose, item)).isEqualTo(Offer.TAKEN);
    }
  }
}
