package dev.workspaceoperator.app;

import static dev.workspaceoperator.app.ObservedSite.SHOWN;
import static dev.workspaceoperator.app.ObservedSite.SOON;
import static dev.workspaceoperator.app.ObservedSite.items;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the chart's dashboards ask, of a real Prometheus that reads the real roles. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DashboardsIT {
  private static final Path DASHBOARDS =
      Path.of("helm", "workspace-operator", "files", "dashboards");

  @RegisterExtension static final RoleProcesses PROCESSES = RoleProcesses.ofAllTests();

  @TempDir private static Path directory;

  @AutoClose private static ObservedSite site;

  @BeforeAll
  static void start() throws Exception {
    site = ObservedSite.start(PROCESSES, directory);
    site.prepare();
  }

  @Test
  void everyQueryOfEveryDashboardHasAnAnswer() throws IOException {
    List<String> queries = new ArrayList<>();
    try (Stream<Path> files = Files.list(DASHBOARDS)) {
      for (Path file : files.toList()) {
        queries.addAll(new ObjectMapper().readTree(file.toFile()).findValuesAsText("expr"));
      }
    }
    assertThat(queries).hasSizeGreaterThan(60);
    for (String query : queries) {
      String asked =
          query
              .replace("$job", "wo")
              .replace("$workspace", SHOWN)
              // So long that what was counted before on a busy machine is among it.
              .replace("$__rate_interval", "10m");
      await()
          .atMost(SOON)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(250))
          .untilAsserted(() -> {
            JsonNode result = site.prometheus.query(asked);
            assertThat(result).as(asked).isNotEmpty();
            // Keys that were never fetched have no age; all else is a number.
            if (!asked.contains("jwks_age")) {
              assertThat(items(result).stream().map(series -> series.at("/value/1").asText()))
                  .as(asked)
                  .anyMatch(value -> !value.equals("NaN"));
            }
          });
    }
  }
}
