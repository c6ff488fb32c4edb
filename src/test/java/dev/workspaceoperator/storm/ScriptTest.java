package dev.workspaceoperator.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScriptTest {
  @Test
  void theSameSeedGivesTheSameScript() {
    assertThat(sha256(7, 2_000)).isEqualTo(sha256(7, 2_000)).isNotEqualTo(sha256(8, 2_000));
    assertThat(plans(new Script(7, 0, 2_000), 3)).isEqualTo(plans(new Script(7, 0, 2_000), 3));
  }

  @Test
  void roundsAndClientsDiffer() {
    assertThat(plans(new Script(7, 0, 2_000), 20))
        .isNotEqualTo(plans(new Script(7, 1, 2_000), 20))
        .isNotEqualTo(plans(new Script(7, 0, 2_000), 21));
  }

  @Test
  void everyKindAndWayIsAskedFor() {
    Set<PlannedCall.Kind> kinds = new HashSet<>();
    Set<PlannedCall.Way> ways = new HashSet<>();
    Script script = new Script(7, 0, 50_000);
    for (int client = 0; client < Script.CLIENTS; client++) {
      plans(script, client)
          .forEach(plan -> {
            kinds.add(plan.kind());
            ways.add(plan.way());
          });
    }
    assertThat(kinds).containsExactlyInAnyOrder(PlannedCall.Kind.values());
    assertThat(ways).containsExactlyInAnyOrder(PlannedCall.Way.values());
  }

  @Test
  void aHundredThousandAdmissionsSeeTwentyReplicasAndFivePostgresDie() {
    List<Blow> blows = new Script(7, 0, 100_000).blows();
    assertThat(blows).filteredOn(it -> it.kind() == Blow.Kind.REPLICA).hasSizeGreaterThan(20);
    assertThat(blows).filteredOn(it -> it.kind() == Blow.Kind.POSTGRES).hasSizeGreaterThan(5);
    assertThat(blows)
        .extracting(Blow::after)
        .isSorted()
        .allSatisfy(after -> assertThat(after).isBetween(1L, 99_999L));
  }

  private static String sha256(long seed, int admissions) {
    return Script.sha256(List.of(new Script(seed, 0, admissions)));
  }

  private static List<PlannedCall> plans(Script script, int client) {
    Script.Plans plans = script.plans(client);
    List<PlannedCall> all = new ArrayList<>();
    while (plans.hasNext()) {
      all.add(plans.next());
    }
    return all;
  }
}
