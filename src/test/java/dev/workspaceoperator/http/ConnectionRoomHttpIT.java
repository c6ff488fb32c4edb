package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.http.connections.ConnectionSettings;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Connections that make room for others (design.md §12). */
class ConnectionRoomHttpIT {
  private static final int CONNECTIONS = 8;
  private static final int OF_STRANGERS = 3;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration SOON = Duration.ofSeconds(10);

  @AutoClose private static ApiServer server;
  private static String key;

  private final List<RawConnection> opened = new ArrayList<>();

  @BeforeAll
  static void start() throws InterruptedException {
    server =
        ApiServer.start(http ->
            http.withConnections(
                new ConnectionSettings(CONNECTIONS, OF_STRANGERS, MINUTE, MINUTE, MINUTE, MINUTE)));
    key = server.keyWithAllScopes(server.workspace(Plan.SCALE).id());
  }

  @AfterEach
  void hangUp() throws IOException {
    for (RawConnection connection : opened) {
      connection.close();
    }
    await().atMost(SOON).until(() -> open() == 0);
  }

  @Test
  void ofStrangersWhoComeTheOneThatWasSilentLongestMakesRoom() throws IOException {
    RawConnection known = open(get());
    assertThat(known.readAnswer()).startsWith("HTTP/1.1 200 ");
    RawConnection silent = open("");
    await().atMost(SOON).until(() -> open() == 2);
    RawConnection begun = open("GET / HTTP/1.1\n");
    await().atMost(SOON).until(() -> open() == 3);
    RawConnection refused = open("GET /v1/workspace HTTP/1.1\nHost: a\n\n");
    assertThat(refused.readAnswer()).startsWith("HTTP/1.1 401 ");
    await().atMost(SOON).until(() -> open() == 1 + OF_STRANGERS);

    assertThat(open(get()).readAnswer()).startsWith("HTTP/1.1 200 ");
    assertThat(silent.readAll()).isEmpty();

    assertThat(open("GET / HTTP/1.1\nHost: a\n\n").readAnswer()).startsWith("HTTP/1.1 404 ");
    open("");
    await().atMost(SOON).until(() -> hungUp(begun));
    assertThat(refused.send("GET / HTTP/1.1\nHost: a\n\n").readAnswer())
        .startsWith("HTTP/1.1 404 ");
    assertThat(known.send(get()).readAnswer()).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void ofThoseWhoHaveSignedInTheOneThatIsIdleLongestMakesRoomForAKillSwitch() throws IOException {
    RawConnection inTheMiddle =
        open(
            "POST /v1/runs HTTP/1.1\nHost: a\nX-API-Key: %s\nContent-Type: application/json\nContent-Length: 2\n\n"
                .formatted(key));
    RawConnection idle = open(get());
    assertThat(idle.readAnswer()).startsWith("HTTP/1.1 200 ");
    for (int i = 2; i < CONNECTIONS - OF_STRANGERS; i++) {
      assertThat(open(get()).readAnswer()).startsWith("HTTP/1.1 200 ");
    }
    assertThat(open()).isEqualTo(CONNECTIONS - OF_STRANGERS);

    RawConnection killSwitch =
        open(
            "POST /v1/workspace/kill-switch HTTP/1.1\nHost: a\nX-API-Key: %s\nContent-Type: application/json\nContent-Length: 17\n\n{\"active\": false}"
                .formatted(key));

    assertThat(killSwitch.readAnswer()).startsWith("HTTP/1.1 200 ");
    assertThat(idle.readAll()).isEmpty();
    assertThat(inTheMiddle.send("{}").readAnswer()).startsWith("HTTP/1.1 422 ");
  }

  @Test
  void aWorkspaceThatTakesAllItCanWithHalvesOfHeadsKeepsNobodyOut() throws IOException {
    String neighbour = server.keyWithAllScopes(server.workspace(Plan.SCALE).id());
    RawConnection idle = open(get(neighbour));
    assertThat(idle.readAnswer()).startsWith("HTTP/1.1 200 ");
    for (int i = 0; i < CONNECTIONS; i++) {
      RawConnection half = open(get());
      assertThat(half.readAnswer()).startsWith("HTTP/1.1 200 ");
      half.send("GET /v1/workspace HTTP/1.1\n");
    }

    for (int i = 0; i < CONNECTIONS; i++) {
      assertThat(open(get(neighbour)).readAnswer()).startsWith("HTTP/1.1 200 ");
      assertThat(idle.send(get(neighbour)).readAnswer()).startsWith("HTTP/1.1 200 ");
    }
    assertThat(open()).isLessThanOrEqualTo(CONNECTIONS);
  }

  private static boolean hungUp(RawConnection connection) {
    try {
      return connection.readAll().isEmpty();
    } catch (IOException e) {
      return true;
    }
  }

  private RawConnection open(String begin) throws IOException {
    RawConnection connection = new RawConnection(server.port()).send(begin);
    opened.add(connection);
    return connection;
  }

  private static String get() {
    return get(key);
  }

  private static String get(String key) {
    return "GET /v1/workspace HTTP/1.1\nHost: a\nX-API-Key: " + key + "\n\n";
  }

  /** How many connections the server says are open. */
  private static int open() {
    return server
        .scrape()
        .lines()
        .filter(line -> line.startsWith("workspace_operator_share_taken{share=\"connections\"}"))
        .map(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }
}
