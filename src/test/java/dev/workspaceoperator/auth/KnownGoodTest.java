package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class KnownGoodTest {
  private final FakeTime time = new FakeTime();
  private final KnownGood<String> known = new KnownGood<>(time.source().nanos());

  @Test
  void whatWasGoodIsKnownForTenMinutesFromTheLastTime() {
    known.add("key", "a");
    time.pass(KnownGood.REMEMBERED.minusNanos(1));
    assertThat(standing("key")).isEqualTo(new Acquaintance.Known("a"));

    known.add("key", "a");
    time.pass(Duration.ofNanos(1));
    assertThat(standing("key")).isEqualTo(new Acquaintance.Known("a"));
    time.pass(KnownGood.REMEMBERED);
    assertThat(standing("key")).isEqualTo(new Acquaintance.Stranger("192.0.2.1"));
  }

  @Test
  void whatWasFoundBadIsAStrangersAgain() {
    known.add("key", "a");
    known.remove("key");

    assertThat(standing("key")).isEqualTo(new Acquaintance.Stranger("192.0.2.1"));
    assertThat(known.size()).isZero();
  }

  @Test
  void whoHasAsManyAsHeMayPushesOutHisOwnAndNobodyElses() {
    known.add("victim", "victim");
    for (int i = 0; i < 2 * KnownGood.MAX; i++) {
      known.add("attacker " + i, "attacker");
    }

    assertThat(standing("victim")).isEqualTo(new Acquaintance.Known("victim"));
    assertThat(standing("attacker 0")).isEqualTo(new Acquaintance.Stranger("192.0.2.1"));
    assertThat(known.size()).isEqualTo(1 + KnownGood.OF_ONE);
  }

  @Test
  void ofManyTheOneThatWasGoodLongestAgoGoesFirst() {
    for (int i = 0; i < KnownGood.MAX; i++) {
      known.add("key " + i, "owner " + i);
    }
    known.add("key 0", "owner 0");
    known.add("one more", "another");

    assertThat(known.size()).isEqualTo(KnownGood.MAX);
    assertThat(standing("key 0")).isEqualTo(new Acquaintance.Known("owner 0"));
    assertThat(standing("key 1")).isEqualTo(new Acquaintance.Stranger("192.0.2.1"));
  }

  private Acquaintance standing(String key) {
    return known.standing(key, "192.0.2.1");
  }
}
