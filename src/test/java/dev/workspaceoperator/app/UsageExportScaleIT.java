package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The export of a year of as many users as {@code -Dexport.users=} says, by a replica with the heap
 * that ships. Prints how long it takes and the most memory that the replica had.
 */
@Tag("long")
class UsageExportScaleIT {
  private static final int USERS = Integer.getInteger("export.users", 10_000);
  private static final int DAYS = 365;
  private static final Duration SOON = Duration.ofSeconds(60);

  /** What a replica may have. */
  private static final int RSS_MIB_MAX = 256;

  @RegisterExtension static final RoleProcesses PROCESSES = RoleProcesses.ofAllTests();

  @Test
  void aYearOfManyUsersIsWholeAndKeepsMemoryBounded() throws Exception {
    String database = SharedDatabase.create();
    try (ApiServer books = ApiServer.on(database)) {
      Declared workspace = books.workspace(Plan.SCALE);
      String key = books.keyWithAllScopes(workspace.id());
      fill(
          database,
          ("INSERT INTO user_day (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)"
                  + " SELECT '%s', day, 'user-' || n, n * 1003 + extract(doy FROM day)::bigint, 0"
                  + " FROM generate_series('2025-11-01'::date, '2026-10-31', '1 day') AS day,"
                  + " generate_series(1, %d) AS n")
              .formatted(workspace.id(), USERS));
      ApiReplica replica = PROCESSES.api(database);
      await().atMost(SOON).until(() -> replica.status(key) == 200);

      long startedAt = System.nanoTime();
      long rows = 0;
      BigDecimal billed = BigDecimal.ZERO;
      try (HttpClient client = HttpClient.newHttpClient();
          InputStream body = export(client, replica.caller().port(), key);
          MappingIterator<String[]> lines =
              new CsvMapper()
                  .enable(CsvParser.Feature.WRAP_AS_ARRAY)
                  .readerFor(String[].class)
                  .readValues(body)) {
        int column = List.of(lines.next()).indexOf("BilledCost");
        while (lines.hasNext()) {
          billed = billed.add(new BigDecimal(lines.next()[column]));
          rows++;
        }
      }
      long seconds = (System.nanoTime() - startedAt) / 1_000_000_000;

      assertThat(rows).isEqualTo((long) USERS * DAYS);
      assertThat(billed).isEqualByComparingTo(BigDecimal.valueOf(booked(database), 6));
      long rss = rssMostMib(replica.process().pid());
      System.err.printf(
          "A year of %,d users: %,d lines in %d s; the replica had %d MiB at most%n",
          USERS, rows, seconds, rss);
      assertThat(rss).isLessThanOrEqualTo(RSS_MIB_MAX);
    }
  }

  /** By a session without the bounds of the program's. */
  private static void fill(String database, String insert) throws SQLException {
    try (Connection session = Sessions.open(database);
        Statement statement = session.createStatement()) {
      statement.execute(insert);
      statement.execute("VACUUM ANALYZE user_day");
    }
  }

  private static long booked(String database) throws SQLException {
    try (Connection session = Sessions.open(database);
        Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery("SELECT sum(spent_micro_usd) FROM user_day")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static InputStream export(HttpClient client, int port, String key)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        client.send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://127.0.0.1:%d/v1/usage/export?from=2025-11-01&to=2026-10-31"
                            .formatted(port)))
                .header("X-API-Key", key)
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  private static long rssMostMib(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/%d/status".formatted(pid)))) {
      String line = lines.filter(it -> it.startsWith("VmHWM:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    }
  }
}
