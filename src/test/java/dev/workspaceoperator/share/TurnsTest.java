package dev.workspaceoperator.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void oneTenantHoldsAtMostHisShareAndTheRestIsForOthers() throws Exception {
    Turns<String> turns = turns(4, 2, LONG);
    Shares.Place first = turns.await("a");
    Shares.Place _ = turns.await("a");
    CompletableFuture<Shares.Place> third = later(turns, "a");
    awaitWaiting(turns, 1);

    Shares.Place _ = turns.await("b");
    assertThat(third).isNotDone();

    first.close();
    Shares.Place _ = third.get(10, TimeUnit.SECONDS);
    assertThat(turns.held()).isEqualTo(3);
  }

  @Test
  void whoRestsWaitsForHisNextTurn() {
    Turns<String> turns = turns(1, 1, LONG);
    Duration rest = Duration.ofMillis(500);
    long start = System.nanoTime();
    turns.await("a").resting(rest).close();
    turns.await("a").close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(rest);
  }

  @Test
  void thoseWhoRestKeepNobodyElseWaiting() {
    Turns<String> turns = turns(2, 1, LONG);
    for (String whose : List.of("a", "b", "c", "d")) {
      turns.await(whose).resting(LONG.multipliedBy(10)).close();
    }

    assertThat(turns.held()).isZero();
    turns.await("e").close();
  }

  @Test
  void whoWaitsWithOneIsServedInTheNextRound() throws Exception {
    Turns<String> turns = turns(1, 1, LONG);
    Shares.Place held = turns.await("x");
    List<String> served = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (String whose : List.of("a", "a", "a", "b")) {
      all.add(
          later(turns, whose)
              .thenAccept(place -> {
                served.add(whose);
                place.close();
              }));
      awaitWaiting(turns, all.size());
    }

    held.close();

    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
    assertThat(served).containsExactly("a", "b", "a", "a");
    assertThat(turns.held()).isZero();
  }

  @Test
  void whoWaitsInVainBehindHimselfIsToldThatItIsHisShare() {
    Turns<String> turns = turns(4, 1, Duration.ofMillis(1));
    Shares.Place _ = turns.await("a");

    assertThatThrownBy(() -> turns.await("a")).isInstanceOf(ShareExceededException.class);
    assertThat(turns.waiting()).isZero();
    Shares.Place _ = turns.await("b");
  }

  @Test
  void whoWaitsInVainBehindOthersIsToldThatItIsEverybodys() {
    Turns<String> turns = turns(1, 1, Duration.ofMillis(1));
    Shares.Place held = turns.await("a");

    assertThatThrownBy(() -> turns.await("b")).isInstanceOf(OverloadedException.class);
    assertThat(turns.waiting()).isZero();
    held.close();
    Shares.Place _ = turns.await("b");
  }

  @Test
  void whoHasTooManyWaitingIsToldAtOnce() {
    Turns<String> turns = turns(1, 1, LONG);
    Shares.Place _ = turns.await("x");
    for (int i = 1; i <= 3; i++) {
      var _ = later(turns, "a");
      awaitWaiting(turns, i);
    }

    assertThatThrownBy(() -> turns.await("a"))
        .isInstanceOf(ShareExceededException.class)
        .hasMessageContaining("3 waiting");
  }

  private Turns<String> turns(int permits, int ofOne, Duration patience) {
    return new Turns<>(
        "work", "work", new ShareBounds(permits, ofOne), new ShareBounds(8, 3), patience, registry);
  }

  private static void awaitWaiting(Turns<String> turns, int waiting) {
    await().atMost(Duration.ofSeconds(10)).until(() -> turns.waiting() == waiting);
  }

  private static CompletableFuture<Shares.Place> later(Turns<String> turns, String whose) {
    CompletableFuture<Shares.Place> place = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            place.complete(turns.await(whose));
          } catch (RuntimeException e) {
            place.completeExceptionally(e);
          }
        });
    return place;
  }
}
