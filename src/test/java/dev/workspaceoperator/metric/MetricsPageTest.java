package dev.workspaceoperator.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/metrics.md} lists the figures that there are. */
class MetricsPageTest {
  private static final Path PAGE = Path.of("docs", "metrics.md");
  private static final Pattern MADE =
      Pattern.compile("(?s)(<!-- metrics: begin -->\n).*?(<!-- metrics: end -->)");

  private static final Map<Teller, String> HEADINGS =
      new EnumMap<>(
          Map.of(
              Teller.EVERY, "Every role",
              Teller.SERVING, "The API and ext-authz",
              Teller.API, "The API",
              Teller.EXT_AUTHZ, "ext-authz",
              Teller.CONTROLLER, "The controller",
              Teller.LEADER, "The leading controller"));

  @Test
  void thePageIsMadeFromTheCode() throws IOException {
    StringBuilder made = new StringBuilder();
    for (Teller teller :
        List.of(
            Teller.EVERY,
            Teller.SERVING,
            Teller.API,
            Teller.EXT_AUTHZ,
            Teller.CONTROLLER,
            Teller.LEADER)) {
      made.append("\n### %s\n".formatted(HEADINGS.get(teller)));
      made.append("| metric | type | means |\n|---|---|---|\n");
      Arrays.stream(Metric.values())
          .filter(metric -> metric.teller() == teller)
          .forEach(metric -> made.append(row(metric)));
    }
    String page = Files.readString(PAGE);
    Matcher shown = MADE.matcher(page);
    assertThat(shown.find()).isTrue();
    String upToDate =
        shown.replaceFirst("$1" + Matcher.quoteReplacement(made.toString() + "\n") + "$2");
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, upToDate);
    }
    assertThat(page)
        .as("stale: run ./mvnw test -Dtest=MetricsPageTest -Ddocs.write=true")
        .isEqualTo(upToDate);
  }

  @Test
  void namesFollowOneScheme() {
    Set<String> names = new HashSet<>();
    for (Metric metric : Metric.values()) {
      assertThat(names.add(metric.exported())).as(metric.exported()).isTrue();
      assertThat(metric.exported()).matches("workspace_operator_[a-z]+(_[a-z]+)*");
      assertThat(metric.meaning()).endsWith(".");
      if (metric.kind() == Kind.COUNTER) {
        assertThat(metric.exported()).endsWith("_total");
      } else {
        assertThat(metric.exported()).doesNotEndWith("_total");
      }
      assertThat(metric.labels()).as(metric.exported()).doesNotContain("user", "user_id", "run");
    }
  }

  /** The one label that grows with what the installation has is of these alone. */
  @Test
  void onlyFiguresOfOneWorkspaceNameIt() {
    assertThat(
            Arrays.stream(Metric.values())
                .filter(metric -> metric.labels().contains("workspace"))
                .map(Metric::name)
                .collect(Collectors.toSet()))
        .hasSize(9)
        .allMatch(name -> name.startsWith("WORKSPACE_"));
  }

  private static String row(Metric metric) {
    String labels =
        metric.labels().isEmpty() ? "" : "{%s}".formatted(String.join(", ", metric.labels()));
    return "| `%s%s` | %s | %s |\n"
        .formatted(metric.exported(), labels, metric.kind().type(), metric.meaning());
  }
}
