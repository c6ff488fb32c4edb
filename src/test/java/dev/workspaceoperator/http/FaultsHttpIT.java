package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.http.server.StoreWork;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API without its database, under more than it can do, and on its way out. */
class FaultsHttpIT {
  private static final String PATH = "/v1/workspace/";

  @Test
  void aLostDatabaseIsToldWithin2SecondsAndMadeUpForWithin5(@TempDir Path directory)
      throws InterruptedException {
    try (EmbeddedDatabase database = startDatabase(directory);
        ApiServer server = ApiServer.on(database.url())) {
      ApiClient caller = server.caller(server.workspace(Plan.SCALE));
      assertThat(caller.get(PATH).status()).isEqualTo(200);

      database.stop();
      for (ApiResponse reply :
          List.of(
              within2Seconds(() -> caller.get(PATH)),
              within2Seconds(() -> caller.patch(PATH, "{\"name\":\"x\"}")),
              within2Seconds(
                  () -> caller.post("/v1/workspace/kill-switch", "{\"active\":true}")))) {
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.code()).isEqualTo("STORE_UNAVAILABLE");
        assertThat(reply.header("Retry-After")).isEqualTo("2");
      }
      assertThat(server.isReady()).isTrue();
      await()
          .atMost(Duration.ofSeconds(15))
          .untilAsserted(
              () -> assertThat(server.scrape()).contains("workspace_operator_store_up 0.0"));

      database.start();
      await()
          .atMost(Duration.ofSeconds(5))
          .pollInterval(Duration.ofMillis(100))
          .until(() -> caller.get(PATH).status() == 200);
    }
  }

  @Test
  void moreRequestsThanItCanDoAreRefusedAtOnce() throws Exception {
    String url = SharedDatabase.create();
    try (ApiServer server = ApiServer.on(url, http -> http.withRequestsMax(1));
        Database database = Database.open(DatabaseSettings.of(url).withPoolSize(2))) {
      Declared workspace = server.workspace(Plan.SCALE);
      ApiClient caller = server.caller(workspace);
      caller.get(PATH);
      CompletableFuture<ApiResponse> waiting;
      ApiResponse refused;
      try (Connection connection = lock(database, workspace)) {
        waiting = patchInBackground(server, caller);

        refused = caller.get(PATH);
        connection.rollback();
      }

      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.code()).isEqualTo("OVERLOADED");
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(waiting.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
      // The place is free a moment after the answer that held it has arrived.
      await().untilAsserted(() -> assertThat(caller.get(PATH).status()).isEqualTo(200));
    }
  }

  @Test
  void aWorkspaceWhoseStatementsWaitHoldsUpNobodyElse() throws Exception {
    String url = SharedDatabase.create();
    try (ApiServer server = ApiServer.on(url);
        Database database = Database.open(DatabaseSettings.of(url).withPoolSize(2))) {
      Declared workspace = server.workspace(Plan.SCALE);
      ApiClient attacker = server.caller(workspace);
      ApiClient neighbour = server.caller(server.workspace(Plan.SCALE));
      List<CompletableFuture<ApiResponse>> waiting = new ArrayList<>();
      try (Connection connection = lock(database, workspace);
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 40; i++) {
          waiting.add(
              CompletableFuture.supplyAsync(
                  () -> attacker.patch(PATH, "{\"name\":\"waited\"}"), threads));
        }
        await()
            .atMost(Duration.ofSeconds(4))
            .until(() -> scraped(server, "requests_under_way") >= 20);

        for (int i = 0; i < 10; i++) {
          assertThat(neighbour.get(PATH).status()).isEqualTo(200);
          assertThat(neighbour.get("/v1/audit").status()).isEqualTo(200);
          assertThat(neighbour.patch(PATH, "{\"name\":\"n%d\"}".formatted(i)).status())
              .isEqualTo(200);
        }
        connection.rollback();
      }

      assertThat(waiting)
          .allSatisfy(reply ->
              assertThat(reply.join().status()).as(reply.join().body()).isIn(200, 429, 503));
    }
  }

  @Test
  void largeAnswersThatAreNotReadHoldTheShareOfTheirWorkspace() throws Exception {
    Duration minute = Duration.ofMinutes(1);
    List<Socket> deaf = new ArrayList<>();
    try (ApiServer server = ApiServer.start(http -> http.withTimeouts(minute, minute));
        AutoCloseable _ = () -> close(deaf)) {
      String key = server.keyWithAllScopes(server.workspace(Plan.ENTERPRISE).id());
      ApiClient attacker = ApiClient.with(server.port(), key);
      String labels =
          IntStream.range(0, 8)
              .mapToObj(i -> "\"l%d\":\"%s\"".formatted(i, "x".repeat(256)))
              .collect(Collectors.joining(","));
      for (int i = 0; i < 150; i++) {
        attacker.post("/v1/runs", "{\"user_id\":\"u\",\"labels\":{%s}}".formatted(labels));
      }
      StoreWork work = StoreWork.on(1, minute);
      for (int i = 0; i < work.unsent().ofOne(); i++) {
        Socket socket = new Socket();
        deaf.add(socket);
        socket.setReceiveBufferSize(1_024);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        socket
            .getOutputStream()
            .write(
                "GET /v1/runs?limit=500 HTTP/1.1\r\nHost: a\r\nX-API-Key: %s\r\n\r\n"
                    .formatted(key)
                    .getBytes(StandardCharsets.US_ASCII));
      }
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() ->
              server
                  .scrape()
                  .contains(
                      "share_taken{share=\"unsent-answers\"} " + (double) work.unsent().ofOne()));

      assertThat(attacker.get("/v1/runs").status()).isEqualTo(429);
      assertThat(attacker.get(PATH).status()).isEqualTo(200);
      assertThat(server.caller(server.workspace(Plan.SCALE)).get("/v1/runs").status())
          .isEqualTo(200);
    }
  }

  private static void close(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static double scraped(ApiServer server, String metric) {
    return server
        .scrape()
        .lines()
        .filter(line -> line.startsWith("workspace_operator_http_" + metric + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsUnderWayEndsBeforeTheServerDoes() throws Exception {
    String url = SharedDatabase.create();
    try (ApiServer server = ApiServer.on(url);
        Database database = Database.open(DatabaseSettings.of(url).withPoolSize(2))) {
      Declared workspace = server.workspace(Plan.SCALE);
      ApiClient caller = server.caller(workspace);
      CompletableFuture<ApiResponse> underWay;
      CompletableFuture<Void> stopping;
      try (Connection connection = lock(database, workspace)) {
        underWay = patchInBackground(server, caller);
        stopping = CompletableFuture.runAsync(server::close);
        await().until(() -> !server.isReady());
        assertThat(stopping.isDone()).isFalse();
        connection.rollback();
      }

      ApiResponse reply = underWay.get(10, TimeUnit.SECONDS);

      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.header("Connection")).isEqualTo("close");
      stopping.get(10, TimeUnit.SECONDS);
    }
  }

  private static EmbeddedDatabase startDatabase(Path directory) throws InterruptedException {
    return EmbeddedDatabase.start(directory, 0, System.err::println);
  }

  /** A PATCH that waits for the row's lock by the time this returns. */
  private static CompletableFuture<ApiResponse> patchInBackground(
      ApiServer server, ApiClient caller) {
    CompletableFuture<ApiResponse> reply =
        CompletableFuture.supplyAsync(() -> caller.patch(PATH, "{\"name\":\"waited\"}"));
    await()
        .atMost(Duration.ofSeconds(4))
        .until(() -> server.scrape().contains("workspace_operator_http_requests_under_way 1.0"));
    return reply;
  }

  private static Connection lock(Database database, Declared workspace) throws SQLException {
    Connection connection = database.pool().getConnection();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT 1 FROM workspace WHERE workspace_id = '%s' FOR UPDATE".formatted(workspace.id()));
    }
    return connection;
  }

  private static ApiResponse within2Seconds(Supplier<ApiResponse> call) {
    long startedAt = System.nanoTime();
    ApiResponse reply = call.get();
    assertThat(Duration.ofNanos(System.nanoTime() - startedAt)).isLessThan(Duration.ofSeconds(2));
    return reply;
  }
}
