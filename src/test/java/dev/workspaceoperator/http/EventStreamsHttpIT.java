package dev.workspaceoperator.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.contract.EventStream;
import dev.workspaceoperator.http.events.EventSettings;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams of events that cost too much, or that have to end. */
class EventStreamsHttpIT {
  private static final String EVENTS = "/v1/workspace/events";
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration NEVER = Duration.ofMinutes(5);

  @Test
  void sendsACommentNowAndThen() throws InterruptedException {
    EventSettings beating = new EventSettings(5, Duration.ofMillis(300), NEVER, NEVER);
    try (ApiServer server = ApiServer.start(http -> http.withEvents(beating));
        EventStream stream = client(server).events(EVENTS)) {
      stream.next(SOON);
      long from = System.nanoTime();
      for (int beat = 0; beat < 4; beat++) {
        assertThat(stream.nextOrComment(SOON).isComment()).isTrue();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - from)).isGreaterThan(Duration.ofMillis(700));
    }
  }

  @Test
  void takesNoMoreStreamsThanItIsTold() throws InterruptedException {
    EventSettings two = new EventSettings(2, Duration.ofMillis(200), NEVER, NEVER);
    try (ApiServer server = ApiServer.start(http -> http.withEvents(two))) {
      ApiClient client = client(server);
      EventStream first = client.events(EVENTS);
      try (EventStream second = client(server).events(EVENTS)) {
        second.next(SOON);
        ApiResponse refused = client(server).get(EVENTS);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("OVERLOADED");
        ApiResponse ofOwn = client.get(EVENTS);
        assertThat(ofOwn.status()).isEqualTo(429);
        assertThat(ofOwn.code()).isEqualTo("TOO_MANY_REQUESTS");

        first.close();
        await().atMost(SOON).until(() -> streams(server) == 1);
        client.events(EVENTS).close();
      }
    }
  }

  @Test
  void leavesRequestsTheirRoom() throws InterruptedException {
    try (ApiServer server = ApiServer.start(http -> http.withRequestsMax(1))) {
      ApiClient client = client(server);
      try (EventStream stream = client.events(EVENTS)) {
        stream.next(SOON);
        assertThat(client.get("/v1/workspace/").status()).isEqualTo(200);
      }
    }
  }

  @Test
  void dropsAReaderThatDoesNotReadAndTellsTheOthersMeanwhile()
      throws IOException, InterruptedException {
    try (ApiServer server =
        ApiServer.start(http ->
            http.withEvents(new EventSettings(8, NEVER, NEVER, NEVER))
                .withTimeouts(SOON, Duration.ofMillis(500)))) {
      ApiServer.Declared workspace = server.workspace(Plan.SCALE);
      String key = server.keyWithAllScopes(workspace.id());
      ApiClient client = at(server).withApiKey(key);
      try (EventStream reader = client.events(EVENTS);
          Socket silent = silentReader(server, key)) {
        reader.next(SOON);
        await().atMost(SOON).until(() -> streams(server) == 2);
        String filler = "n".repeat(100);
        int changes = 0;
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (streams(server) == 2 && System.nanoTime() < deadline) {
          changes++;
          String body =
              client
                  .patch("/v1/workspace/", "{\"name\":\"%s %d\"}".formatted(filler, changes))
                  .body();
          assertThat(reader.next(SOON).data()).isEqualTo(body);
        }
        assertThat(streams(server)).isEqualTo(1);
        assertThat(silent.isClosed()).isFalse();
        System.err.printf("A silent reader was dropped after %d changes%n", changes);
      }
    }
  }

  @Test
  void endsEveryStreamWhenTheServerStops() throws InterruptedException {
    ApiServer server = ApiServer.start();
    ApiClient client = client(server);
    List<EventStream> streams = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      EventStream stream = client.events(EVENTS);
      stream.next(SOON);
      streams.add(stream);
    }

    long from = System.nanoTime();
    server.close();

    for (EventStream stream : streams) {
      assertThat(stream.endsWithin(SOON)).isTrue();
    }
    Duration took = Duration.ofNanos(System.nanoTime() - from);
    System.err.printf("A server with 20 streams stopped in %d ms%n", took.toMillis());
    assertThat(took).isLessThan(Duration.ofSeconds(10));
  }

  /** Takes the beginning of a stream into the smallest buffer there is, and reads nothing. */
  private static Socket silentReader(ApiServer server, String key) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(1_024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %s\r\n\r\n"
                .formatted(EVENTS, key)
                .getBytes(US_ASCII));
    return socket;
  }

  private static ApiClient client(ApiServer server) {
    return at(server)
        .withApiKey(server.key(server.workspace(Plan.SCALE).id(), Scope.WORKSPACE_READ));
  }

  private static ApiClient at(ApiServer server) {
    return ApiClient.at(URI.create("http://127.0.0.1:" + server.port()));
  }

  /** How many streams the server says are open. */
  private static int streams(ApiServer server) {
    return server
        .scrape()
        .lines()
        .filter(line -> line.startsWith("workspace_operator_event_streams "))
        .map(line -> (int) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }
}
