package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.http.connections.ConnectionSettings;
import dev.workspaceoperator.http.server.RequestBodies;
import dev.workspaceoperator.http.server.RequestSlots;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever takes all the places he can leaves the others theirs (design.md §12). */
class RequestSlotsHttpIT {
  /** Seven places for those who have signed in: two for each workspace. */
  private static final int REQUESTS = 8;

  private static final int OF_ONE = 2;
  private static final int SIGNED_IN = 7;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String OFF = "{\"active\": false}";
  private static final String KILL_SWITCH = "/v1/workspace/kill-switch";

  @AutoClose private static ApiServer server;

  private final List<RawConnection> slow = new ArrayList<>();

  @BeforeAll
  static void start() throws InterruptedException {
    ConnectionSettings patient = new ConnectionSettings(4_096, 1_024, MINUTE, MINUTE, SOON, MINUTE);
    server = ApiServer.start(http -> http.withRequestsMax(REQUESTS).withConnections(patient));
  }

  @AfterEach
  void hangUp() throws IOException {
    for (RawConnection connection : slow) {
      connection.close();
    }
    await().atMost(SOON).until(() -> underWay() == 0);
  }

  @Test
  void strangersWhoSayNothingMoreKeepNobodyOut() throws IOException {
    ApiClient client = at(newKey());
    for (int i = 0; i < 5 * REQUESTS; i++) {
      slow("POST /v1/runs HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n");
      slow("POST /v1/runs HTTP/1.1\nHost: a\nX-API-Key: wsk_wrong\nContent-Length: 9\n\n");
      slow("GET /v1/workspace/ HTTP/1.1\nHost: a\n");
    }
    for (RawConnection connection : slow.subList(0, 2)) {
      assertThat(connection.readAnswer()).startsWith("HTTP/1.1 401 ");
    }

    await().atMost(SOON).until(() -> scraped("share_taken{share=\"requests-anonymous\"}") == 0);
    for (int i = 0; i < 20; i++) {
      assertThat(client.get("/v1/workspace/").status()).isEqualTo(200);
      assertThat(client.post(KILL_SWITCH, OFF).status()).isEqualTo(200);
    }
  }

  @Test
  void aWorkspaceThatHasItsShareIsToldSoAndItsKillSwitchAndItsNeighboursGoOn() throws IOException {
    String key = newKey();
    take(OF_ONE, key);

    ApiClient client = at(key);
    ApiResponse refused = client.get("/v1/workspace/");
    long start = System.nanoTime();
    for (int again = 0; again < 10; again++) {
      assertThat(client.get("/v1/workspace/").status()).isEqualTo(429);
    }

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(ShareExceededException.RETRY.dividedBy(2));
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.code()).isEqualTo("TOO_MANY_REQUESTS");
    assertThat(refused.header("Retry-After")).contains("1");
    assertThat(at(key).post(KILL_SWITCH, OFF).status()).isEqualTo(200);
    assertThat(at(newKey()).get("/v1/workspace/").status()).isEqualTo(200);
  }

  @Test
  void killSwitchesHaveRoomWhileEverythingElseIsFull() throws IOException {
    String last = newKey();
    for (int taken = 0; taken < SIGNED_IN; taken += OF_ONE) {
      take(Math.min(OF_ONE, SIGNED_IN - taken), newKey());
    }

    ApiResponse refused = at(last).get("/v1/workspace/");

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.code()).isEqualTo("OVERLOADED");
    assertThat(at(last).post(KILL_SWITCH, OFF).status()).isEqualTo(200);
    assertThat(
            at(server.fleetKey(Scope.FLEET_WRITE)).post("/v1/platform/kill-switch", OFF).status())
        .isEqualTo(200);
  }

  @Test
  void bodiesOfKillSwitchesThatDoNotComeHoldNoneOfTheirPlaces() throws IOException {
    String key = newKey();
    slow(killSwitch(key) + "Transfer-Encoding: chunked\n\n1\n{\n");
    for (int all = 0; all < RequestSlots.KILL_SWITCHES.all(); ) {
      String another = newKey();
      for (int one = 0; one < RequestSlots.KILL_SWITCHES.ofOne(); one++, all++) {
        slow(killSwitch(another) + "Content-Length: 17\n\n{");
      }
    }
    await().atMost(SOON).until(() -> underWay() == slow.size());

    assertThat(at(newKey()).post(KILL_SWITCH, OFF).status()).isEqualTo(200);
    assertThat(at(key).post(KILL_SWITCH, OFF).status()).isEqualTo(200);
    // A place is given back when its answer has been sent, a moment after its client has it.
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(scraped("share_taken{share=\"requests-kill-switch\"}")).isZero();
          assertThat(scraped("share_taken{share=\"requests-anonymous\"}")).isZero();
          assertThat(scraped("share_taken{share=\"large-bodies\"}")).isZero();
        });
  }

  @Test
  void aKillSwitchsBodyIsNeverALargeOne() throws IOException {
    String key = newKey();
    String largest = OFF + " ".repeat(RequestBodies.LARGE_BYTES - OFF.length());

    ApiResponse refused = at(key).post(KILL_SWITCH, largest + " ");
    slow(killSwitch(key) + "Transfer-Encoding: chunked\n\n2001\n" + largest + " \n0\n\n");

    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.body()).contains("larger than 8192 bytes");
    assertThat(slow.getFirst().readAnswer()).startsWith("HTTP/1.1 413 ");
    assertThat(at(key).post(KILL_SWITCH, largest).status()).isEqualTo(200);
  }

  @Test
  void aBodyThatIsLargeOrDoesNotSayHoldsAPlaceUntilItsEnd() throws IOException {
    String large = "share_taken{share=\"large-bodies\"}";
    String head =
        "POST /v1/runs HTTP/1.1\nHost: a\nX-API-Key: %s\nContent-Type: application/json\n"
            .formatted(newKey());

    slow(head + "Content-Length: 20000\n\n{");
    await().atMost(SOON).until(() -> scraped(large) == 1);
    slow(head + "Transfer-Encoding: chunked\n\n1\n{\n");
    await().atMost(SOON).until(() -> scraped(large) == 2);
    take(1, newKey());
    assertThat(scraped(large)).isEqualTo(2);
    hangUp();

    await().atMost(SOON).until(() -> scraped(large) == 0);
  }

  @Test
  void thePageOfLimitsHasEveryShare() throws IOException {
    String page = Files.readString(Path.of("docs", "limits.md"));

    assertThat(server.scrape().lines().filter(line -> line.contains("_share_places{")))
        .hasSizeGreaterThan(7)
        .allSatisfy(line ->
            assertThat(page).contains("`" + line.replaceAll(".*share=\"([^\"]*)\".*", "$1") + "`"));
  }

  /** Takes places with bodies that never come whole. */
  private void take(int places, String key) throws IOException {
    long before = underWay();
    for (int i = 0; i < places; i++) {
      slow(
          "POST /v1/runs HTTP/1.1\nHost: a\nX-API-Key: %s\nContent-Type: application/json\nContent-Length: 100\n\n{"
              .formatted(key));
    }
    await().atMost(SOON).until(() -> underWay() == before + places);
  }

  private static String killSwitch(String key) {
    return "POST %s HTTP/1.1\nHost: a\nX-API-Key: %s\nContent-Type: application/json\n"
        .formatted(KILL_SWITCH, key);
  }

  private void slow(String begin) throws IOException {
    slow.add(new RawConnection(server.port()).send(begin));
  }

  private static String newKey() {
    return server.keyWithAllScopes(server.workspace(Plan.SCALE).id());
  }

  private static ApiClient at(String key) {
    return ApiClient.at(URI.create("http://127.0.0.1:" + server.port())).withApiKey(key);
  }

  private static long underWay() {
    return scraped("http_requests_under_way");
  }

  private static long scraped(String metric) {
    return server
        .scrape()
        .lines()
        .filter(line -> line.startsWith("workspace_operator_" + metric + " "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }
}
