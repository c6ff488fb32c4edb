package dev.workspaceoperator.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.RoleProcess;
import dev.workspaceoperator.env.EarlierRelease;
import dev.workspaceoperator.gate.BooksAudit;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.AuditVerifier;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.Plan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * {@code ./mvnw -Pupgrade [-Drelease=COMMIT]}: the earlier release and this program serve one
 * database side by side, as docs/upgrade.md promises.
 */
@EnabledIfSystemProperty(named = EarlierRelease.PROPERTY, matches = ".+")
class UpgradeIT {
  private static final int ADMISSIONS = Integer.getInteger("admissions", 10_000);
  private static final Path PAGE = Path.of("docs", "upgrade.md");

  /** An announcement is heard at once; what was missed is found out after 30 s. */
  private static final Duration HEARD_WITHIN = Duration.ofSeconds(10);

  private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static Path earlier;

  @BeforeAll
  static void build() throws InterruptedException {
    earlier = EarlierRelease.jar(System.err::println);
  }

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void bothServeTheStormWhileOneTakesThePlaceOfTheOther() throws Exception {
    long seed = Long.getLong("storm.seed", Storm.randomSeed());
    Tally tally = new Tally();
    try (Servers servers = Servers.startEarlier(3, earlier)) {
      Round round =
          setUp(
              servers,
              () ->
                  new Round(
                      servers, new Script(seed, 0, ADMISSIONS).withoutCalls(), blows(), tally));
      assertThat(schema(servers)).isLessThan(ourSchema());
      round.run();
      assertThat(schema(servers)).isEqualTo(ourSchema());
      DatabaseSettings settings = DatabaseSettings.of(servers.url());
      assertThat(new BooksAudit(settings).run()).isEmpty();
      try (Database database = Database.open(settings)) {
        AuditVerifier.Report chains = new AuditVerifier(database, AuditChain.unkeyed()).verifyAll();
        assertThat(chains.findings()).isEmpty();
        assertThat(chains.rows()).isPositive();
      }
      assertThat(
              servers.query("SELECT count(*) FROM pg_inherits WHERE inhparent = 'run'::regclass"))
          .containsExactly("8");
    }
    System.out.print(tally.table());
    assertThat(tally.violations()).as("seed %d", seed).isEmpty();
    assertThat(tally.of("admitted")).isGreaterThanOrEqualTo(ADMISSIONS);
    assertThat(tally.of("~ unknown")).isZero();
  }

  /**
   * Old ones alone, both, and new ones alone; the new one is what is killed while there are both.
   */
  private static List<Blow> blows() {
    List<Blow> order =
        List.of(
            new Blow(Blow.Kind.REPLICA, 1, 0),
            new Blow(Blow.Kind.UPGRADE, 0, 0),
            new Blow(Blow.Kind.SESSIONS, 0, 0),
            new Blow(Blow.Kind.REPLICA, 0, 0),
            new Blow(Blow.Kind.POSTGRES, 0, 0),
            new Blow(Blow.Kind.UPGRADE, 1, 0),
            new Blow(Blow.Kind.SESSIONS, 0, 0),
            new Blow(Blow.Kind.REPLICA, 0, 0),
            new Blow(Blow.Kind.POSTGRES, 0, 0),
            new Blow(Blow.Kind.UPGRADE, 2, 0));
    List<Blow> spread = new ArrayList<>();
    for (Blow blow : order) {
      long after = (long) ADMISSIONS * (spread.size() + 1) / (order.size() + 1);
      spread.add(new Blow(blow.kind(), blow.target(), after));
    }
    return spread;
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void whatIsToldToOneHoldsAtTheOther() throws Exception {
    try (Servers servers = Servers.startEarlier(2, earlier)) {
      String key =
          setUp(
              servers,
              () -> {
                try (ApiServer hands = ApiServer.withoutServing(servers.url())) {
                  return hands.keyWithAllScopes(hands.workspace(Plan.SCALE).id());
                }
              });
      servers.replicas().upgrade(0);
      int[] ports = servers.replicas().ports();
      for (int told : new int[] {0, 1}) {
        Api here = new Api(ports[told], key);
        Api there = new Api(ports[1 - told], key);
        try (Events events = there.events()) {
          String run = here.post("/v1/runs", "{\"user_id\":\"ada\"}", "run-" + told, 201);
          assertThat(there.post("/v1/runs", "{\"user_id\":\"ada\"}", "run-" + told, 201))
              .as("the same key, the same answer")
              .isEqualTo(run);
          String steps = "/v1/runs/%s/steps".formatted(id(run));
          String step = there.post(steps, "{\"max_cost_usd\":1}", "step-" + told, 201);
          here.post("%s/%s/settle".formatted(steps, id(step)), "{\"cost_usd\":0.5}", "", 200);
          there.post("/v1/runs/%s/heartbeat".formatted(id(run)), "", "", 200);

          here.post("/v1/workspace/kill-switch", "{\"active\":true}", "", 200);
          there.post(steps, "{\"max_cost_usd\":1}", "", 403);
          events.awaitKilled("true");
          there.post("/v1/workspace/kill-switch", "{\"active\":false}", "", 200);
          here.post(steps, "{\"max_cost_usd\":1}", "", 201);
          events.awaitKilled("false");
          here.post(
              "/v1/runs/%s/finish".formatted(id(run)), "{\"outcome\":\"succeeded\"}", "", 200);
          there.post(steps, "{\"max_cost_usd\":1}", "", 409);
        }
      }
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void theEarlierOneRefusesTheNewerSchemaAsThePageSays() throws Exception {
    try (Servers servers = Servers.startEarlier(2, earlier)) {
      int before = schema(servers);
      servers.replicas().upgrade(0);
      RoleProcess back =
          RoleProcess.startPackaged(
              "api",
              earlier,
              Files.createTempDirectory("workspace-operator-back-"),
              List.of("--database-url=" + servers.url(), "--address=127.0.0.1:0"));
      await().atMost(ENDS_WITHIN).until(() -> !back.isAlive());
      assertThat(back.exitCode()).isEqualTo(1);
      String sentence =
          "The database's schema has version %d, and this program knows versions up to %d."
              .formatted(ourSchema(), before);
      assertThat(back.log()).contains(sentence + " Run the newer program, or restore a backup");
      assertThat(Files.readString(PAGE).replaceAll("\\s+", " "))
          .contains("schema has version", "this program knows versions up to");
      assertThat(schema(servers)).isEqualTo(ourSchema());
    }
  }

  /**
   * With our schema, which the harness speaks; the database is then as the earlier release has it.
   */
  private static <T> T setUp(Servers servers, Callable<T> work) throws Exception {
    DatabaseSettings settings = DatabaseSettings.of(servers.url());
    int before = schema(servers);
    new Migrations(settings).migrate(ENDS_WITHIN, System.err::println);
    T made = work.call();
    for (int version = ourSchema(); version > before; version--) {
      String undo =
          Files.readString(Path.of("src/test/resources/upgrade/undo-%d.sql".formatted(version)));
      try (Database database = Database.open(settings)) {
        boolean _ =
            database.transact(connection -> {
              try (Statement statement = connection.createStatement()) {
                return statement.execute(undo);
              }
            });
      }
    }
    return made;
  }

  private static int schema(Servers servers) throws Exception {
    return Integer.parseInt(
        servers
            .query("SELECT max(version::integer) FROM flyway_schema_history WHERE success")
            .getFirst());
  }

  private static int ourSchema() throws IOException {
    try (var files = Files.list(Path.of("src/main/resources/db/migration"))) {
      return files
          .map(file -> file.getFileName().toString().replaceAll("^V(\\d+)__.*", "$1"))
          .mapToInt(Integer::parseInt)
          .max()
          .orElseThrow();
    }
  }

  private static String id(String answer) {
    return answer.replaceAll("(?s)^\\{\"id\":\"([^\"]+)\".*", "$1");
  }

  /** One replica. */
  private record Api(int port, String apiKey) {
    /** The body of the answer, which has this status. */
    String post(String path, String body, String idempotencyKey, int status)
        throws IOException, InterruptedException {
      HttpRequest.Builder request = request(path).POST(BodyPublishers.ofString(body));
      if (!body.isEmpty()) {
        request.header("Content-Type", "application/json");
      }
      if (!idempotencyKey.isEmpty()) {
        request.header("Idempotency-Key", idempotencyKey);
      }
      HttpResponse<String> answer = HTTP.send(request.build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(path + " " + answer.body()).isEqualTo(status);
      return answer.body();
    }

    Events events() throws IOException, InterruptedException {
      return new Events(
          HTTP.send(request("/v1/workspace/events").build(), BodyHandlers.ofInputStream()));
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
          .header("X-API-Key", apiKey);
    }
  }

  /** A stream of events. */
  private static final class Events implements AutoCloseable {
    private final BufferedReader lines;
    private final List<String> heard = new ArrayList<>();

    Events(HttpResponse<java.io.InputStream> answer) {
      assertThat(answer.statusCode()).isEqualTo(200);
      lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
      Thread.ofVirtual().start(this::listen);
    }

    private void listen() {
      try {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          synchronized (heard) {
            heard.add(line);
          }
        }
      } catch (IOException e) {
        // It was closed.
      }
    }

    /** Waits for it, and forgets all that came before. */
    void awaitKilled(String active) {
      await()
          .atMost(HEARD_WITHIN)
          .until(() -> {
            synchronized (heard) {
              boolean found =
                  heard.stream()
                      .anyMatch(
                          line -> line.replace(" ", "").contains("\"kill_switch\":" + active));
              if (found) {
                heard.clear();
              }
              return found;
            }
          });
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
