package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Whatever a client does slowly, or not at all: it ends in time, holds little while it lasts, and
 * others are served meanwhile. Streams that are not read are in {@link EventStreamsHttpIT}.
 */
class SlowClientsHttpIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final Duration IDLE = Duration.ofSeconds(2);

  /** What only a hang breaks. */
  private static final Duration IN_TIME = Duration.ofSeconds(20);

  private static final Duration DRIP = Duration.ofMillis(20);
  private static final int OF_EACH = 5;
  private static final int OF_THE_NEIGHBOUR = 1;

  @AutoClose private static ApiServer server;
  private static ApiClient neighbour;
  private static String key;

  @BeforeAll
  static void start() throws InterruptedException {
    server = ApiServer.start(http -> http.withTimeouts(TIMEOUT, TIMEOUT).withIdleTimeout(IDLE));
    key = server.keyWithAllScopes(server.workspace(Plan.SCALE).id());
    neighbour = server.caller(server.workspace(Plan.SCALE));
  }

  /**
   * A kind of client.
   *
   * @param begin what it sends at first
   * @param drip what it sends again and again
   */
  private record Client(String name, String begin, String drip) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Client> clients() {
    String post = "POST /v1/runs HTTP/1.1\nHost: a\nContent-Type: application/json\n";
    String signedIn = post + "X-API-Key: " + key + "\n";
    String get = "GET %s HTTP/1.1\nHost: a\nX-API-Key: " + key + "\n\n";
    return List.of(
        new Client("says nothing", "", ""),
        new Client("says hello as TLS does, and waits", "\u0016\u0003\u0001", ""),
        new Client("drips the request line", "GET /", "a"),
        new Client("drips headers", "GET / HTTP/1.1\nHost: a\n", "X-Drip: a\n"),
        new Client("drips one header", "GET / HTTP/1.1\nHost: a\nX-Drip: ", "a"),
        new Client("drips empty lines before a request", "", "\n"),
        new Client("drips a body", signedIn + "Content-Length: 60000\n\n", " "),
        new Client("drips chunks", signedIn + "Transfer-Encoding: chunked\n\n", "1\n \n"),
        new Client(
            "drips an extension of a chunk", signedIn + "Transfer-Encoding: chunked\n\n1;", "a"),
        new Client("drips trailers", signedIn + "Transfer-Encoding: chunked\n\n0\n", "X-Drip: a\n"),
        new Client("drips a stranger's body", post + "Content-Length: 60000\n\n", " "),
        new Client("drips a stranger's chunks", post + "Transfer-Encoding: chunked\n\n", "1\n \n"),
        new Client(
            "is asked for its body and keeps it",
            signedIn + "Expect: 100-continue\nContent-Length: 9\n\n",
            ""),
        new Client("is idle after an answer", get.formatted("/v1/workspace"), ""),
        new Client(
            "reads no answer of many, signed in", get.formatted("/v1/workspace").repeat(4_000), ""),
        new Client(
            "reads no answer of many, as a stranger",
            "GET /openapi.yaml HTTP/1.1\nHost: a\n\n".repeat(400),
            ""));
  }

  @Test
  void everyKindOfSlowClientIsCutOffAndKeepsNobodyWaiting() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (Client client : clients()) {
        for (int i = 0; i < OF_EACH; i++) {
          Socket socket = connect();
          sockets.add(socket);
          Thread.ofVirtual().start(() -> talk(socket, client));
        }
      }
      await().atMost(IN_TIME).until(() -> open() >= sockets.size() / 2);

      await()
          .atMost(IN_TIME)
          .until(() -> {
            assertThat(neighbour.get("/v1/workspace").status()).isEqualTo(200);
            return open() <= OF_THE_NEIGHBOUR;
          });

      // The neighbour's last request gives its place back a moment after it was answered.
      await()
          .atMost(IN_TIME)
          .untilAsserted(() -> {
            assertThat(scraped("workspace_operator_http_requests_under_way")).isZero();
            assertThat(scraped("workspace_operator_share_taken{share=\"requests\"}")).isZero();
            assertThat(scraped("workspace_operator_share_taken{share=\"requests-anonymous\"}"))
                .isZero();
          });
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  /** Into the smallest buffer there is: none of them reads anything. */
  private static Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(1_024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    return socket;
  }

  private static void talk(Socket socket, Client client) {
    try {
      send(socket, client.begin());
      while (!client.drip().isEmpty()) {
        send(socket, client.drip());
        Thread.sleep(DRIP);
      }
    } catch (IOException e) {
      // It was cut off.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  private static int open() {
    return (int) scraped("workspace_operator_http_connections");
  }

  private static double scraped(String metric) {
    return server
        .scrape()
        .lines()
        .filter(line -> line.startsWith(metric + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }
}
