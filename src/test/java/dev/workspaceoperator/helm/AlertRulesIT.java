package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.workspaceoperator.env.Prometheus;
import dev.workspaceoperator.metric.Metric;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The alerts and dashboards of the chart, as promtool and readers see them. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class AlertRulesIT {
  private static final Path RUNBOOKS = Path.of("docs", "runbooks");
  private static final Path TESTS = Path.of("src", "test", "prometheus");
  private static final Pattern NAME = Pattern.compile("\\b(workspace_operator|jvm|process)_\\w+");
  private static final Pattern HISTOGRAM_PART = Pattern.compile("_(bucket|count|sum|max)$");
  private static final Set<String> JVM =
      Set.of("jvm_memory_used_bytes", "jvm_gc_pause_seconds", "process_cpu_usage");

  private static Chart chart;

  @BeforeAll
  static void prepare() throws InterruptedException {
    chart = new Chart();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void promtoolFindsNothingWrong(boolean labelled, @TempDir Path directory)
      throws IOException, InterruptedException {
    Optional<Path> programs =
        Prometheus.find(why -> System.err.println("SKIPPED, NO PROMETHEUS: " + why));
    assumeTrue(programs.isPresent(), "no promtool");
    Files.writeString(
        directory.resolve("rules.yml"), new YAMLMapper().writeValueAsString(spec(labelled)));
    String tests = labelled ? "alerts-test.yml" : "alerts-of-all-test.yml";
    Files.copy(TESTS.resolve(tests), directory.resolve(tests));

    assertThat(
            Prometheus.promtool(programs.get(), directory, "check", "rules", "rules.yml").orThrow())
        .contains("SUCCESS");
    assertThat(Prometheus.promtool(programs.get(), directory, "test", "rules", tests).orThrow())
        .contains("SUCCESS");
  }

  @Test
  void everyAlertSaysWhatItIsAndWhereItsPageIs() throws IOException, InterruptedException {
    Set<String> names = new TreeSet<>();
    for (boolean labelled : List.of(true, false)) {
      for (JsonNode rule : rules(labelled)) {
        String name = rule.path("alert").asText();
        names.add(name);
        assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning");
        assertThat(rule.at("/annotations/summary").asText()).isNotEmpty();
        assertThat(rule.at("/annotations/description").asText()).isNotEmpty();
        assertThat(rule.path("for").asText()).matches("\\d+m");
        assertThat(rule.at("/annotations/runbook_url").asText())
            .isEqualTo("https://workspace-operator.dev/runbooks/%s.md", name);
        assertThat(rule.path("expr").asText()).doesNotContain("SELECTOR");
        assertThat(Files.readString(RUNBOOKS.resolve("README.md")))
            .as("listed with its severity")
            .contains(
                "| [%s](%s.md) | %s |".formatted(name, name, rule.at("/labels/severity").asText()));
      }
    }
    Set<String> pages;
    try (Stream<Path> files = Files.list(RUNBOOKS)) {
      pages =
          files
              .map(file -> file.getFileName().toString().replace(".md", ""))
              .filter(page -> !page.equals("README"))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    assertThat(pages).isEqualTo(names).hasSize(11);
  }

  /** That these are what the program tells, {@code ObservabilityIT} sees in real scrapes. */
  @Test
  void everyFigureThatIsAskedForIsOneOfTheProgram() throws IOException, InterruptedException {
    Set<String> known =
        Arrays.stream(Metric.values()).map(Metric::exported).collect(Collectors.toSet());
    Set<String> asked = new HashSet<>();
    for (boolean labelled : List.of(true, false)) {
      rules(labelled).forEach(rule -> collect(rule.path("expr").asText(), asked));
    }
    for (JsonNode dashboard : dashboards()) {
      dashboard.findValuesAsText("expr").forEach(query -> collect(query, asked));
    }
    assertThat(asked).hasSizeGreaterThan(40);
    assertThat(asked)
        .allSatisfy(name ->
            assertThat(
                    known.contains(name)
                        || known.contains(HISTOGRAM_PART.matcher(name).replaceFirst(""))
                        || JVM.contains(HISTOGRAM_PART.matcher(name).replaceFirst("")))
                .as(name)
                .isTrue());
  }

  @Test
  void alertsAndDashboardsAreOfThisReleaseAndThereOnlyWhereTheyAreWanted()
      throws InterruptedException {
    assertThat(chart.template(Chart.MINIMAL).orThrow())
        .doesNotContain("PrometheusRule", "grafana_dashboard");
    String rendered =
        chart.template(Chart.MINIMAL + "\nmetrics: {prometheusRule: {enabled: true}}").orThrow();
    assertThat(rendered)
        .contains("namespace=\"workspace-operator\", job=\"workspace-operator-metrics\"")
        .contains("{{ $labels.workspace }}");
    assertThat(dashboards()).hasSize(3);
  }

  private static List<JsonNode> dashboards() throws InterruptedException {
    List<ConfigMap> maps =
        chart
            .objects(Chart.MINIMAL + "\nmetrics: {dashboards: {enabled: true, labels: {a: b}}}")
            .stream()
            .filter(ConfigMap.class::isInstance)
            .map(ConfigMap.class::cast)
            .filter(map -> "1".equals(map.getMetadata().getLabels().get("grafana_dashboard")))
            .toList();
    return maps.stream()
        .flatMap(map -> map.getData().values().stream())
        .map(AlertRulesIT::json)
        .toList();
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void collect(String query, Set<String> names) {
    Matcher found = NAME.matcher(query);
    while (found.find()) {
      names.add(found.group());
    }
  }

  private static JsonNode spec(boolean labelled) throws IOException, InterruptedException {
    String values =
        Chart.MINIMAL
            + "\nmetrics: {workspaceLabel: %s, selector: 'job=\"wo\"', prometheusRule: {enabled: true}}"
                .formatted(labelled);
    String rendered = chart.template(values, "--show-only=templates/metrics.yaml").orThrow();
    for (String document : rendered.split("(?m)^---$", -1)) {
      JsonNode object = new YAMLMapper().readTree(document);
      if (object.path("kind").asText().equals("PrometheusRule")) {
        return object.path("spec");
      }
    }
    throw new AssertionError("no PrometheusRule: " + rendered);
  }

  private static List<JsonNode> rules(boolean labelled) throws IOException, InterruptedException {
    List<JsonNode> rules = new ArrayList<>();
    for (JsonNode group : spec(labelled).path("groups")) {
      group.path("rules").forEach(rules::add);
    }
    return rules;
  }
}
