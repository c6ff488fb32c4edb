package dev.workspaceoperator.app;

import static dev.workspaceoperator.app.GatewaySite.CENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.Envoy;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.Gateways;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is late, lost or killed around a real Envoy, as examples/envoy configures it. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class EnvoyFaultsIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** The shortest there is. */
  private static final int LEASE_SECONDS = 5;

  private static final int CLIENTS = 8;
  private static final int ENOUGH = 40;

  private static final String PRICES =
      """
      {
        "cent": {"input_cost_per_token": 0, "output_cost_per_token": %s, "max_output_tokens": 8},
        "dear": {"input_cost_per_token": 0, "output_cost_per_token": 0.00125, "max_output_tokens": 80},
        "fail-500": {"input_cost_per_token": 0, "output_cost_per_token": 0.00125, "max_output_tokens": 8},
        "slow-3000": {"input_cost_per_token": 0, "output_cost_per_token": 0.00125, "max_output_tokens": 8}
      }
      """;

  private static final String CENT_PRICES = PRICES.formatted("0.00125");

  /** Eight words come out of the eighty that are reserved. */
  private static final String DEAR = CENT.replace("cent", "dear").replace(":8,", ":80,");

  @RegisterExtension static final RoleProcesses PROCESSES = RoleProcesses.ofAllTests();

  @TempDir private static Path directory;
  private static Gateways gateways;
  private static ApiServer server;
  private static RunModel model;

  @BeforeAll
  static void start() throws InterruptedException, IOException {
    Optional<Gateways> found =
        Gateways.find(why -> System.err.println("SKIPPED, NO ENVOY: " + why));
    assumeTrue(found.isPresent(), "no Envoy");
    gateways = found.get();
    server = ApiServer.start();
    model = RunModel.start(0);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
      model.close();
    }
  }

  private static Path prices(String name) throws IOException {
    return Files.writeString(directory.resolve(name + ".json"), CENT_PRICES);
  }

  private static ExtAuthzReplica extAuthz(String databaseUrl, Path prices)
      throws InterruptedException {
    return ExtAuthzReplica.start(
        databaseUrl, ExtAuthzReplica.settings().withCallLeaseSeconds(LEASE_SECONDS), prices);
  }

  private static EnvoyExample example(int extAuthzPort) throws IOException {
    return new EnvoyExample(FreePort.find(), extAuthzPort, model.port());
  }

  private static URI door(EnvoyExample example) {
    return URI.create("http://127.0.0.1:" + example.port());
  }

  private static GatewaySite site(EnvoyExample example) {
    return roomy(GatewaySite.make(server, door(example), "1000"));
  }

  private static GatewaySite roomy(GatewaySite site) {
    assertThat(site.api().patch("/v1/workspace/", "{\"max_concurrent_runs\":1000}").status())
        .isEqualTo(200);
    return site;
  }

  @Test
  void aModelThatTakesTooLongIsPaidWhatWasReserved() throws Exception {
    try (ExtAuthzReplica extAuthz = extAuthz(server.databaseUrl(), prices("late"))) {
      EnvoyExample example = example(extAuthz.port()).with("timeout: 290s", "timeout: 0.5s");
      GatewaySite site = site(example);
      try (Envoy _ = example.start(gateways, directory.resolve("late"))) {
        assertThat(site.ask(CENT.replace("cent", "slow-3000")).statusCode()).isEqualTo(504);

        assertThat(site.spentAtRest()).isEqualTo("0.01");
        assertThat(site.lastRun().path("status").asText()).isEqualTo("failed");
      }
    }
  }

  @Test
  void whatEnvoyTriesAgainIsOneCall() throws Exception {
    try (ExtAuthzReplica extAuthz = extAuthz(server.databaseUrl(), prices("again"))) {
      EnvoyExample example =
          example(extAuthz.port())
              .with(
                  "timeout: 290s",
                  "timeout: 290s\n"
                      + " ".repeat(28)
                      + "retry_policy: { retry_on: 5xx, num_retries: 2 }");
      GatewaySite site = site(example);
      int asked = model.asked();
      try (Envoy _ = example.start(gateways, directory.resolve("again"))) {
        assertThat(site.ask(CENT.replace("cent", "fail-500")).statusCode()).isEqualTo(500);

        assertThat(model.asked()).isEqualTo(asked + 3);
        assertThat(site.spentAtRest()).isEqualTo("0.01");
        assertThat(site.api().get("/v1/runs").json().path("items")).hasSize(1);
      }
    }
  }

  @Test
  @Tag("integrations")
  void anAccessLogThatComesLongAfterTheLeaseCorrectsTheCharge() throws Exception {
    try (ExtAuthzReplica extAuthz = extAuthz(server.databaseUrl(), prices("delayed"))) {
      EnvoyExample example =
          example(extAuthz.port())
              .with(
                  "buffer_size_bytes: 0",
                  "buffer_size_bytes: 1000000\n"
                      + " ".repeat(24)
                      + "buffer_flush_interval: %ds".formatted(3 * LEASE_SECONDS));
      GatewaySite site = site(example);
      try (Envoy _ = example.start(gateways, directory.resolve("delayed"))) {
        assertThat(site.ask(DEAR).statusCode()).isEqualTo(200);

        assertThat(site.spentAtRest()).isEqualTo("0.1");
        assertThat(site.lastRun().path("status").asText()).isEqualTo("expired");
        await().atMost(SOON).untilAsserted(() -> assertThat(site.spent()).isEqualTo("0.01"));
      }
    }
  }

  @Test
  @Tag("integrations")
  void anEnvoyThatIsKilledWithItsAccessLogLeavesWhatWasReserved() throws Exception {
    try (ExtAuthzReplica extAuthz = extAuthz(server.databaseUrl(), prices("lost"))) {
      EnvoyExample example =
          example(extAuthz.port())
              .with(
                  "buffer_size_bytes: 0",
                  "buffer_size_bytes: 1000000\n" + " ".repeat(24) + "buffer_flush_interval: 600s");
      GatewaySite site = site(example);
      try (Envoy envoy = example.start(gateways, directory.resolve("lost"))) {
        assertThat(site.ask(DEAR).statusCode()).isEqualTo(200);

        envoy.kill();

        assertThat(site.spentAtRest()).isEqualTo("0.1");
      }
    }
  }

  @Test
  void underLoadAnExtAuthzThatIsKilledLetsNothingPassUnasked() throws Exception {
    int port = FreePort.find();
    String[] options = {
      "--price-file=" + prices("killed"), "--call-lease-seconds=" + LEASE_SECONDS
    };
    RoleProcess first = PROCESSES.extAuthzOn(port, server.databaseUrl(), options);
    await().atMost(SOON).until(first::isReady);
    EnvoyExample example = example(port);
    GatewaySite site = site(example);
    int asked = model.asked();
    try (Envoy _ = example.start(gateways, directory.resolve("killed"))) {
      GatewayLoad load = GatewayLoad.start(site, CLIENTS, CENT);
      load.awaitMore(ENOUGH, 200);

      first.kill();
      load.awaitMore(ENOUGH, 503);
      RoleProcess second = PROCESSES.extAuthzOn(port, server.databaseUrl(), options);
      await().atMost(SOON).until(second::isReady);
      load.awaitMore(ENOUGH, 200);
      load.stop();

      assertThat(load.counts()).containsOnlyKeys(200, 503);
      assertBooked(server, site, load, model.asked() - asked);
    }
  }

  @Test
  void underLoadAPostgresThatIsKilledLetsNothingPassUnasked() throws Exception {
    try (EmbeddedDatabase database =
        EmbeddedDatabase.start(
            directory.resolve("postgres"), 0, line -> System.err.println(line))) {
      new Migrations(DatabaseSettings.of(database.url()))
          .migrate(Duration.ofSeconds(10), System.err::println);
      try (ApiServer api = ApiServer.on(database.url());
          ExtAuthzReplica extAuthz = extAuthz(database.url(), prices("store"))) {
        EnvoyExample example = example(extAuthz.port());
        GatewaySite site = roomy(GatewaySite.make(api, door(example), "1000"));
        int asked = model.asked();
        try (Envoy _ = example.start(gateways, directory.resolve("store"))) {
          GatewayLoad load = GatewayLoad.start(site, CLIENTS, CENT);
          load.awaitMore(ENOUGH, 200);

          database.kill();
          load.awaitMore(ENOUGH, 503);
          database.start();
          load.awaitMore(ENOUGH, 200);
          load.stop();

          assertThat(load.counts()).containsOnlyKeys(200, 503);
          assertBooked(api, site, load, model.asked() - asked);
        }
      }
    }
  }

  /** What reached the model was admitted, and each that was admitted has cost its cent, once. */
  private static void assertBooked(
      ApiServer books, GatewaySite site, GatewayLoad load, long modelAsked) {
    assertThat(modelAsked).isGreaterThanOrEqualTo(load.count(200));
    String spent = site.spentAtRest();
    long calls =
        books.count("SELECT count(*) FROM run WHERE workspace_id = '%s'".formatted(site.id()));
    assertThat(calls).isGreaterThanOrEqualTo(modelAsked);
    // A question that Envoy had given up by then costs nothing: no more are free than were refused.
    BigDecimal paid = new BigDecimal(spent).movePointRight(2);
    assertThat(paid).isBetween(BigDecimal.valueOf(modelAsked), BigDecimal.valueOf(calls));
    assertThat(Main.run(Map.of(), "check", "--database-url=" + books.databaseUrl())).isZero();
  }

  @Test
  @Tag("integrations")
  void underLoadPricesChangeAndABrokenFileChangesNothing() throws Exception {
    Path prices = prices("changing");
    try (ExtAuthzReplica extAuthz = extAuthz(server.databaseUrl(), prices)) {
      EnvoyExample example = example(extAuthz.port());
      GatewaySite site = site(example);
      try (Envoy _ = example.start(gateways, directory.resolve("changing"))) {
        GatewayLoad load = GatewayLoad.start(site, 2, CENT);
        load.awaitMore(ENOUGH, 200);

        replace(prices, PRICES.formatted("0.0025"));
        await().atMost(SOON).until(() -> settledLast(site).equals("0.02"));
        replace(prices, "{\"cent\": ");
        await()
            .atMost(SOON)
            .until(() ->
                extAuthz.scrape().contains("workspace_operator_ext_authz_price_file_good 0.0"));
        load.awaitMore(ENOUGH, 200);
        assertThat(settledLast(site)).isEqualTo("0.02");
        replace(prices, CENT_PRICES);
        await().atMost(SOON).until(() -> settledLast(site).equals("0.01"));
        load.stop();

        assertThat(load.counts()).containsOnlyKeys(200);
        BigDecimal spent = new BigDecimal(site.spentAtRest()).movePointRight(2);
        assertThat(spent)
            .isBetween(
                BigDecimal.valueOf(load.count(200)), BigDecimal.valueOf(2 * load.count(200)));
      }
    }
  }

  /** As ConfigMaps change: all at once. */
  private static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What the newest call that has ended has cost. */
  private static String settledLast(GatewaySite site) {
    return site.api()
        .get("/v1/runs?status=succeeded&limit=1")
        .json()
        .path("items")
        .path(0)
        .path("spent_usd")
        .decimalValue()
        .stripTrailingZeros()
        .toPlainString();
  }
}
