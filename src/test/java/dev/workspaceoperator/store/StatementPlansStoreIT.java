package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.env.DistributionDatabase;
import dev.workspaceoperator.env.HostileDefaults;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.Sql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each statement finds its rows by key, whichever PostgreSQL plans it, however its role prefers to
 * plan, and whether its tables were empty or full. A plan that cannot do without something that is
 * switched off shows by its cost, which is beyond everything (PostgreSQL 15 to 17), or by what it
 * does; and none is dear enough to be compiled.
 */
class StatementPlansStoreIT {
  private static final Path SQL = Path.of("src/main/resources/sql");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What switching off a way of reading adds to a cost, in PostgreSQL 15 to 17. */
  private static final double DISABLED = 1e9;

  /** They read all there is, seldom, or the catalogs of PostgreSQL. */
  private static final Set<String> READ_ALL =
      Set.of(
          "audit/heads",
          "audit/orphans",
          "gate/auditBooks",
          "gate/forgetLanes",
          "declared/revisionsOfPresent",
          "registry/list",
          "partitions/expired",
          "partitions/expiredRuns",
          "schema/fitness",
          "schema/hasHistory",
          "schema/history");

  private static final Set<String> NO_PLANS = Set.of("commit", "oneSnapshot");

  @ParameterizedTest
  @ValueSource(strings = {"the distribution's", "the build's"})
  void findsItsRowsByKey(String server) throws Exception {
    String url =
        server.equals("the build's")
            ? SharedDatabase.create()
            : DistributionDatabase.create(HostileDefaults.OF_PLANS, "");
    DatabaseSettings settings = DatabaseSettings.of(url);
    new Migrations(settings).migrate(Duration.ofSeconds(10), System.err::println);

    assertThat(wrong(settings, "empty")).isEmpty();
    try (Connection connection = ConnectionSource.forWork(settings.forAudits()).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(Files.readString(Path.of("src/test/resources/plans/fill.sql")));
    }
    assertThat(wrong(settings, "full")).isEmpty();
  }

  private static List<String> wrong(DatabaseSettings settings, String tables)
      throws SQLException, IOException {
    List<String> wrong = new ArrayList<>();
    try (Connection work = ConnectionSource.forWork(settings).getConnection();
        Connection batches = ConnectionSource.forBatches(settings).getConnection()) {
      for (String name : names()) {
        JsonNode plan = plan(name.startsWith("gate/") ? batches : work, Sql.load(name));
        List<String> scans = new ArrayList<>();
        collect(plan, scans);
        JsonNode cost = plan.path("Plan").path("Total Cost");
        if (!scans.isEmpty() || cost.asDouble() >= DISABLED || plan.has("JIT")) {
          wrong.add("%s, %s: %s, cost %s".formatted(name, tables, scans, cost));
        }
      }
    }
    return wrong;
  }

  private static void collect(JsonNode node, List<String> scans) {
    if (node.path("Node Type").asText().equals("Seq Scan")) {
      scans.add("Seq Scan on " + node.path("Relation Name").asText());
    }
    node.forEach(child -> collect(child, scans));
  }

  /** The generic plan. */
  private static JsonNode plan(Connection connection, Sql sql) throws SQLException, IOException {
    String text = sql.text();
    for (int i = 1; i <= sql.parameters().size(); i++) {
      text = text.replaceFirst("\\?", "\\$" + i);
    }
    String nulls = sql.parameters().stream().map(_ -> "NULL").collect(Collectors.joining(", "));
    try (Statement statement = connection.createStatement()) {
      statement.execute("PREPARE asked AS " + text);
      try (ResultSet row =
          statement.executeQuery(
              "EXPLAIN (FORMAT JSON) EXECUTE asked" + (nulls.isEmpty() ? "" : "(" + nulls + ")"))) {
        row.next();
        String plan = row.getString(1);
        statement.execute("DEALLOCATE asked");
        return JSON.readTree(plan).get(0);
      }
    }
  }

  private static List<String> names() throws IOException {
    try (Stream<Path> files = Files.walk(SQL)) {
      return files
          .filter(file -> file.toString().endsWith(".sql"))
          .map(file -> SQL.relativize(file).toString().replaceFirst("\\.sql$", ""))
          .filter(name -> !READ_ALL.contains(name) && !NO_PLANS.contains(name))
          .sorted()
          .toList();
    }
  }
}
