package dev.workspaceoperator.bench;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code ./mvnw -Pbench -Dbench=ApiBench}: how fast the packaged role {@code api} answers {@code
 * GET /v1/workspace/}, with PostgreSQL and the load generator on the same machine. In the same run
 * the same server answers {@code /livez}, which is the HTTP library and nothing else.
 *
 * <p>With {@code -Ddatabase.url=postgresql://…} GET, PATCH and the kill switch on that database
 * beside the embedded one.
 */
public final class ApiBench {
  private static final int WORKSPACES = 100;
  private static final int CONNECTIONS = 128;
  private static final double WARM_UP_SECONDS = 15;
  private static final double SECONDS = 15;
  private static final double GOAL_PER_SECOND = 20_000;
  private static final double GOAL_P99_MILLIS = 10;
  private static final double GOAL_RSS_MIB = 256;

  private ApiBench() {}

  /** Takes no arguments that it heeds. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException {
    Optional<SideBySide> compared = SideBySide.open("api compared");
    if (compared.isPresent()) {
      try (SideBySide comparison = compared.get()) {
        comparison.api();
      }
      return;
    }
    Report report =
        new Report("api", "%d workspaces, %d connections".formatted(WORKSPACES, CONNECTIONS));
    Files.createDirectories(Lab.DIRECTORY);
    try (EmbeddedDatabase database = EmbeddedDatabase.startThrowaway(Report::say)) {
      new Migrations(DatabaseSettings.of(database.url()))
          .migrate(Duration.ofSeconds(10), Report::say);
      List<String> requests = requests(database.url());
      int port = FreePort.find();
      int managementPort = FreePort.find();
      Flags flags = new Flags("api", StartBench.AOT_CACHE);
      try (OperatorProcess api =
          OperatorProcess.start(
              "api",
              flags.plain(),
              managementPort,
              Lab.DIRECTORY.resolve("api.log").toFile(),
              List.of("--database-url=" + database.url(), "--address=127.0.0.1:" + port))) {
        api.awaitOne("workspace_operator_store_up");
        measure(report, api, port, managementPort, requests, postmaster(database.url()), flags);
      }
    }
    report.finish();
  }

  private static void measure(
      Report report,
      OperatorProcess api,
      int port,
      int managementPort,
      List<String> requests,
      long postmaster,
      Flags flags)
      throws IOException {
    HttpLoad.Result bare;
    try (HttpLoad load = new HttpLoad(managementPort, CONNECTIONS, List.of(get("/livez", "")))) {
      load.asFastAsItGoes(WARM_UP_SECONDS / 3);
      bare = load.asFastAsItGoes(SECONDS / 3);
    }
    try (HttpLoad load = new HttpLoad(port, CONNECTIONS, requests)) {
      load.asFastAsItGoes(WARM_UP_SECONDS);
      CpuTimes before = CpuTimes.now(Lab.DIRECTORY, postmaster, OptionalLong.of(api.pid()));
      HttpLoad.Result peak = load.asFastAsItGoes(SECONDS);
      CpuTimes used =
          CpuTimes.now(Lab.DIRECTORY, postmaster, OptionalLong.of(api.pid())).since(before);
      int count = peak.count();
      report.goal(
          "GET /v1/workspace/, as fast as it goes",
          "%,.0f/s; median %.1f ms, p99 %.1f ms"
              .formatted(peak.perSecond(), peak.millis(0.5), peak.millis(0.99)),
          "≥ %,.0f/s".formatted(GOAL_PER_SECOND),
          peak.perSecond() >= GOAL_PER_SECOND);
      report.figure(
          "GET /livez of the same process: the HTTP library alone",
          "%,.0f/s; %.2f× of it".formatted(bare.perSecond(), peak.perSecond() / bare.perSecond()));
      double micros = 1e6 / count;
      report.figure(
          "CPU for each GET: api, PostgreSQL, load generator",
          "%.0f µs, %.0f µs, %.0f µs: two cores with nothing else to do have room for %,.0f/s"
              .formatted(
                  used.controller() * micros,
                  used.postgres() * micros,
                  used.client() * micros,
                  2 * count / (used.controller() + used.postgres() + used.client())));
      double half = peak.perSecond() / 2;
      HttpLoad.Result calm = load.at(half, SECONDS);
      report.goal(
          "The same at half of that, %,.0f/s, open loop".formatted(half),
          "%,.0f/s; median %.1f ms, p99 %.1f ms, p99.9 %.1f ms"
              .formatted(calm.perSecond(), calm.millis(0.5), calm.millis(0.99), calm.millis(0.999)),
          "p99 ≤ %.0f ms".formatted(GOAL_P99_MILLIS),
          calm.millis(0.99) <= GOAL_P99_MILLIS);
    }
    double rss = api.memory("VmHWM");
    report.goal(
        "RSS of the role api, `%s`".formatted(flags.heap()),
        "%.0f MiB at its peak".formatted(rss),
        "≤ %.0f MiB".formatted(GOAL_RSS_MIB),
        rss <= GOAL_RSS_MIB);
  }

  /** A GET for each workspace, with a key of its own. */
  private static List<String> requests(String databaseUrl) throws InterruptedException {
    List<String> requests = new ArrayList<>();
    try (ApiServer seed = ApiServer.on(databaseUrl)) {
      for (int number = 0; number < WORKSPACES; number++) {
        String key = seed.keyWithAllScopes(seed.workspaceWithBudget(Plan.SCALE, "100.5").id());
        requests.add(get("/v1/workspace/", "X-API-Key: " + key + "\r\n"));
      }
    }
    return requests;
  }

  private static String get(String path, String headers) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
  }

  private static long postmaster(String databaseUrl) throws SQLException {
    URI uri = URI.create(databaseUrl);
    String[] user = uri.getUserInfo().split(":", -1);
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + uri.getPort() + uri.getPath(), user[0], user[1]);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return CpuTimes.parent(row.getLong(1));
    }
  }
}
