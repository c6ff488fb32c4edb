package dev.workspaceoperator.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.attacks.Result.SwitchUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The attacks that matter most, small; {@code ./mvnw -Pattacks} has all, at full size. */
class AttacksIT {
  private static final List<String> CHOSEN =
      List.of(
          System.getProperty(
                  "attacks.only",
                  "kill-noop,kill-real,silent-heads,silent-bodies,wrong-keys,refused,lists,locked-row")
              .split(","));

  /** Nothing but starvation takes so long. */
  private static final double KILL_MILLIS_MAX = 5_000;

  private static final double RSS_MIB_MAX = 320;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void nobodyStopsHisNeighbour() throws Exception {
    List<Attack> attacks =
        Stream.of(AttacksByTenants.all(), AttacksByStrangers.all(), AttacksByBulk.all())
            .flatMap(List::stream)
            .filter(attack -> CHOSEN.contains(attack.name()))
            .toList();
    assertThat(attacks).hasSameSizeAs(CHOSEN);
    List<Result> results = new ArrayList<>();
    try (AttackLab lab = AttackLab.open(Optional.empty())) {
      AttackSeries round = new AttackSeries(lab, Sizes.SMALL);
      for (Attack attack : attacks) {
        results.add(round.run(attack));
      }
    }
    SoftAssertions.assertSoftly(softly -> {
      for (Result result : results) {
        softly.assertThat(result.attacked().failures()).as(result.row()).isEmpty();
        softly.assertThat(result.quiet().failures()).as(result.row()).isEmpty();
        softly.assertThat(onMillis(result.own())).as(result.row()).isLessThan(KILL_MILLIS_MAX);
        softly.assertThat(onMillis(result.platform())).as(result.row()).isLessThan(KILL_MILLIS_MAX);
        softly.assertThat(result.rssMib()).as(result.row()).isBetween(1.0, RSS_MIB_MAX);
      }
    });
  }

  private static double onMillis(SwitchUse use) {
    return use instanceof SwitchUse.Held(Switch.Times times)
        ? times.onMillis()
        : Double.POSITIVE_INFINITY;
  }
}
