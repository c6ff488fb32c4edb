package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /v1/usage/export}: FOCUS 1.2, and the books to the micro-dollar. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UsageExportHttpIT {
  private static final String EXPORT = "/v1/usage/export?from=2025-11-01&to=2026-10-31";
  private static final CsvMapper CSV = new CsvMapper();

  @Served private static ApiServer server;

  private static ApiClient caller(Declared workspace) {
    return server.caller(workspace, Scope.WORKSPACE_READ);
  }

  private static List<Map<String, String>> rows(String csv) throws IOException {
    try (MappingIterator<Map<String, String>> rows =
        CSV.readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(csv)) {
      return rows.readAll();
    }
  }

  /** So many users with a book on each day of a range, of amounts that are not round. */
  private static void books(Declared workspace, int users, String from, String to) {
    server.execute(
        ("INSERT INTO user_day (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)"
                + " SELECT '%s', day, 'user-' || n, n * 1000003 + extract(doy FROM day)::bigint, n %% 3"
                + " FROM generate_series('%s'::date, '%s', '1 day') AS day, generate_series(1, %d) AS n")
            .formatted(workspace.id(), from, to, users));
    server.execute(
        ("INSERT INTO workspace_day (workspace_id, day, spent_micro_usd, reserved_micro_usd)"
                + " SELECT workspace_id, day, sum(spent_micro_usd), sum(reserved_micro_usd)"
                + " FROM user_day WHERE workspace_id = '%s' GROUP BY workspace_id, day")
            .formatted(workspace.id()));
  }

  @Test
  void everyRowFollowsTheRulesOfTheSpecificationAndTheirSumIsThatOfTheBooks() throws IOException {
    Declared workspace = server.workspace(Plan.PRO);
    books(workspace, 30, "2025-10-15", "2025-12-20");

    ApiResponse answer = caller(workspace).get(EXPORT);
    List<Map<String, String>> rows = rows(answer.body());

    assertThat(answer.header("Content-Disposition"))
        .isEqualTo(
            "attachment; filename=\"focus-%s-2025-11-01-2026-10-31.csv\""
                .formatted(workspace.manifest().slug()));
    assertThat(FocusColumns.mistakesOfHeader(List.copyOf(rows.getFirst().keySet()))).isEmpty();
    assertThat(rows).hasSize(30 * 50);
    for (Map<String, String> row : rows) {
      assertThat(FocusColumns.mistakes(row)).as(row.toString()).isEmpty();
      assertThat(row).containsEntry("SubAccountId", workspace.id().toString());
    }
    for (String cost : List.of("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")) {
      assertThat(
              rows.stream().map(row -> new BigDecimal(row.get(cost))).reduce(BigDecimal::add).get())
          .as(cost)
          .isEqualByComparingTo(
              BigDecimal.valueOf(
                  server.count(
                      ("SELECT sum(spent_micro_usd) FROM workspace_day WHERE workspace_id = '%s'"
                              + " AND day >= '2025-11-01' AND day <= '2026-10-31'")
                          .formatted(workspace.id())),
                  6));
    }
  }

  @Test
  void aRowIsWhatOneUserSpentOnOneDay() throws IOException {
    Declared workspace = server.workspace(Plan.PRO);
    UsageHistoryHttpIT.book(server, workspace, "2025-12-31", "alice", 1);
    UsageHistoryHttpIT.book(server, workspace, "2025-12-31", "nobody", 0);

    List<Map<String, String>> rows = rows(caller(workspace).get(EXPORT).body());

    assertThat(rows).hasSize(1);
    assertThat(rows.getFirst())
        .containsEntry("BilledCost", "0.000001")
        .containsEntry("BillingAccountId", "default")
        .containsEntry("BillingPeriodStart", "2025-12-01T00:00:00Z")
        .containsEntry("BillingPeriodEnd", "2026-01-01T00:00:00Z")
        .containsEntry("ChargePeriodStart", "2025-12-31T00:00:00Z")
        .containsEntry("ChargePeriodEnd", "2026-01-01T00:00:00Z")
        .containsEntry("ChargeClass", "")
        .containsEntry("SubAccountName", workspace.manifest().identity().name())
        .containsEntry("x_UserId", "alice");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "=HYPERLINK(\"http://x\")| '=HYPERLINK(\"http://x\")",
        "+1| '+1",
        "-1| '-1",
        "@SUM(A1)| '@SUM(A1)",
        "'quoted| ''quoted",
        "a,\"b\" c| a,\"b\" c",
        "größe €| größe €"
      })
  void noCellIsAFormulaAndEachTextComesWhole(String user, String cell) throws IOException {
    Declared workspace = server.workspace(Plan.PRO);
    UsageHistoryHttpIT.book(server, workspace, "2026-01-01", user, 5_000_000);

    assertThat(rows(caller(workspace).get(EXPORT).body()).getFirst())
        .containsEntry("x_UserId", cell);
  }

  @Test
  void isAHeaderAloneWhereNothingWasSpent() {
    ApiResponse answer = caller(server.workspace(Plan.BASIC)).get("/v1/usage/export");

    assertThat(answer.body()).startsWith("BilledCost,").endsWith(",x_UserId\r\n").hasLineCount(1);
  }

  @Test
  void theInstallationExportsAnyWorkspaceByItsName() throws IOException {
    Declared workspace = server.workspace(Plan.PRO);
    UsageHistoryHttpIT.book(server, workspace, "2026-01-01", "alice", 5_000_000);
    ApiClient finance = ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_READ));

    ApiResponse answer =
        finance.get(
            EXPORT.replace(
                "/v1/usage", "/v1/workspaces/" + workspace.manifest().slug() + "/usage"));

    assertThat(rows(answer.body()).getFirst()).containsEntry("BilledCost", "5");
  }

  @Test
  void saysWhatIsWrongWithAQuery() {
    ApiClient caller = caller(server.workspace(Plan.PRO));

    for (String query :
        List.of("limit=5", "from=x", "tz=Asia/Tokyo", "from=2026-01-02&to=2026-01-01")) {
      assertThat(caller.get("/v1/usage/export?" + query).status()).as(query).isEqualTo(400);
    }
    assertThat(caller.withHeader("Accept", "application/json").get(EXPORT).status()).isEqualTo(406);
  }

  /** A client takes what it takes for the whole; it must see that it is not. */
  @Test
  void breaksOffVisiblyWhenTheBooksCannotBeReadAnyMore() throws Exception {
    ApiServer own = ApiServer.start();
    try {
      Declared workspace = own.workspace(Plan.PRO);
      own.execute(
          ("INSERT INTO user_day (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)"
                  + " SELECT '%s', '2026-01-01', 'user-' || n, n, 0 FROM generate_series(1, 20000) AS n")
              .formatted(workspace.id()));
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + own.port() + EXPORT))
              .header("X-API-Key", own.key(workspace.id(), Scope.WORKSPACE_READ))
              .build();
      HttpClient client = HttpClient.newHttpClient();
      try (InputStream body =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
        assertThat(body.readNBytes(1_000)).hasSize(1_000);
        own.execute("ALTER TABLE user_day RENAME TO gone");

        assertThatExceptionOfType(IOException.class).isThrownBy(body::readAllBytes);
      } finally {
        client.shutdownNow();
      }
    } finally {
      own.close();
    }
  }

  @Test
  void oneWorkspaceHasTwoAtOnceAndNoMore() throws Exception {
    Declared workspace = server.workspace(Plan.PRO);
    books(workspace, 2_000, "2026-01-01", "2026-01-20");
    String key = server.key(workspace.id(), Scope.WORKSPACE_READ);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + EXPORT))
            .header("X-API-Key", key)
            .build();
    HttpClient client = HttpClient.newHttpClient();
    try {
      List<InputStream> unread = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        unread.add(client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body());
      }

      ApiResponse third = ApiClient.with(server.port(), key).get(EXPORT);
      ApiResponse neighbour = caller(server.workspace(Plan.PRO)).get(EXPORT);

      assertThat(third.code()).isEqualTo("TOO_MANY_REQUESTS");
      assertThat(neighbour.status()).isEqualTo(200);
      for (InputStream body : unread) {
        body.close();
      }
    } finally {
      client.shutdownNow();
    }
  }
}
