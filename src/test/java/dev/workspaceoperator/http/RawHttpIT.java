package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.http.connections.ConnectionSettings;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no decent client sends: each is answered clearly, or its connection ends in time. */
class RawHttpIT {
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(5);

  @AutoClose private static ApiServer server;
  private static String key;

  @BeforeAll
  static void start() throws InterruptedException {
    server =
        ApiServer.start(http ->
            http.withTimeouts(REQUEST_TIMEOUT, WRITE_TIMEOUT).withIdleTimeout(IDLE_TIMEOUT));
    key = server.keyWithAllScopes(server.workspace(Plan.SCALE).id());
  }

  static Stream<Arguments> malformed() {
    String get = "GET /v1/workspace/ HTTP/1.1\nHost: a\n";
    return Stream.of(
        Arguments.of("no HTTP at all", "hello\n\n", 400, "BAD_REQUEST"),
        Arguments.of("no version", "GET /v1/workspace/\nHost: a\n\n", 400, "BAD_REQUEST"),
        Arguments.of("another version", "GET / HTTP/3.7\nHost: a\n\n", 400, "BAD_REQUEST"),
        Arguments.of("a TLS hello", "\u0016\u0003\u0001\n\n", 400, "BAD_REQUEST"),
        Arguments.of("no Host", "GET /v1/workspace/ HTTP/1.1\n\n", 400, "BAD_REQUEST"),
        Arguments.of("two Hosts", get + "Host: b\n\n", 400, "BAD_REQUEST"),
        Arguments.of("a header without colon", get + "nonsense\n\n", 400, "BAD_REQUEST"),
        Arguments.of("a blank before the colon", get + "X-API-Key : a\n\n", 400, "BAD_REQUEST"),
        Arguments.of(
            "a bad character in the path",
            "GET /v1/\"<> HTTP/1.1\nHost: a\n\n",
            400,
            "BAD_REQUEST"),
        Arguments.of(
            "a long path",
            "GET /" + "a".repeat(9_000) + " HTTP/1.1\nHost: a\n\n",
            414,
            "BAD_REQUEST"),
        Arguments.of(
            "one large header",
            get + "X-Bomb: " + "a".repeat(100_000) + "\n\n",
            400,
            "BAD_REQUEST"),
        Arguments.of("many headers", get + "X-Bomb: a\n".repeat(10_000) + "\n", 400, "BAD_REQUEST"),
        Arguments.of(
            "a length that is no number",
            "PATCH /v1/workspace/ HTTP/1.1\nHost: a\nContent-Length: x\n\n",
            400,
            "BAD_REQUEST"),
        Arguments.of(
            "a negative length",
            "PATCH /v1/workspace/ HTTP/1.1\nHost: a\nContent-Length: -1\n\n",
            400,
            "BAD_REQUEST"),
        Arguments.of(
            "two lengths",
            "PATCH /v1/workspace/ HTTP/1.1\nHost: a\nContent-Length: 2\nContent-Length: 3\n\n{}",
            400,
            "BAD_REQUEST"),
        Arguments.of(
            "length and chunks",
            "PATCH /v1/workspace/ HTTP/1.1\nHost: a\nContent-Length: 2\nTransfer-Encoding: chunked\n\n0\n\n",
            400,
            "BAD_REQUEST"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void whatIsNoRequestIsToldSo(String what, String request, int status, String code)
      throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      String answer = connection.send(request).readAnswer();

      assertThat(answer)
          .as(what)
          .startsWith("HTTP/1.1 " + status + " ")
          .contains("application/problem+json", "\"code\":\"" + code + "\"", "\"request_id\":\"");
    }
  }

  @Test
  void http10IsToldToUseHttp11() throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      String answer = connection.send("GET /v1/workspace/ HTTP/1.0\n\n").readAll();

      assertThat(answer).startsWith("HTTP/1.1 505 ").contains("HTTP/1.1.");
    }
  }

  @ParameterizedTest
  @MethodSource("traversals")
  void noSpellingOfAPathMeansAnother(String path) throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      String answer =
          connection
              .send("GET %s HTTP/1.1\nHost: a\nX-API-Key: %s\n\n".formatted(path, key))
              .readAnswer();

      assertThat(answer).startsWith("HTTP/1.1 404 ").contains("\"code\":\"NOT_FOUND\"");
    }
  }

  static Stream<String> traversals() {
    return Stream.of(
        "v1/workspace/",
        "/v1/../v1/workspace/",
        "/../../etc/passwd",
        "/v1/./workspace",
        "//v1/workspace",
        "/v1//workspace",
        "/v1/workspace//",
        "/v1/%77orkspace",
        "/v1%2Fworkspace",
        "/v1/workspace/..;/audit",
        "/v1/workspace;a=b",
        "/V1/WORKSPACE/",
        "/%2e%2e/openapi.yaml",
        "/openapi.yaml/../v1/workspace",
        "/");
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() throws IOException {
    String get = "GET %s HTTP/1.1\nHost: a\nX-API-Key: " + key + "\nX-Request-Id: %s\n\n";
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          get.formatted("/v1/workspace", "one")
              + get.formatted("/nowhere", "two")
              + get.formatted("/v1/workspace/settings", "three"));

      assertThat(connection.readAnswer()).startsWith("HTTP/1.1 200").contains("X-Request-Id: one");
      assertThat(connection.readAnswer()).startsWith("HTTP/1.1 404").contains("X-Request-Id: two");
      assertThat(connection.readAnswer()).contains("X-Request-Id: three", "\"latches\"");
    }
  }

  @Test
  void aBodyIsAskedForOnlyOnceItIsWanted() throws IOException {
    String head =
        """
        PATCH /v1/workspace/ HTTP/1.1
        Host: a
        Content-Type: application/json
        Content-Length: 2
        Expect: 100-continue
        """;
    try (RawConnection wanted = new RawConnection(server.port());
        RawConnection refused = new RawConnection(server.port())) {
      wanted.send(head + "X-API-Key: " + key + "\n\n");
      assertThat(wanted.readAnswer()).startsWith("HTTP/1.1 100 ");
      assertThat(wanted.send("{}").readAnswer()).startsWith("HTTP/1.1 200 ");

      refused.send(head + "\n");
      assertThat(refused.readAll()).startsWith("HTTP/1.1 401 ").contains("UNAUTHENTICATED");
    }
  }

  /** 5 s, the time of a stranger's request, would hold memory that thousands of them do not get. */
  @Test
  void aRefusedStrangerWhoIsSilentInTheMiddleOfABodyIsNotWaitedFor() throws IOException {
    try (RawConnection connection = new RawConnection(server.port(), Duration.ofSeconds(3))) {
      connection.send(
          "POST /v1/runs HTTP/1.1\nHost: a\nContent-Type: application/json\nContent-Length: 65536\n\n{");

      assertThat(connection.readAll()).startsWith("HTTP/1.1 401 ");
    }
  }

  /** Only the least of it is told here: a pause is 25 to 75 ms, and a machine may be slow. */
  @Test
  void badCredentialsInARowAreAnsweredSlowly() throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      String request =
          "GET /v1/workspace/ HTTP/1.1\nHost: a\nX-API-Key: wsk_%s\n\n".formatted("0".repeat(50));
      for (int free = 0; free < 3; free++) {
        assertThat(connection.send(request).readAnswer()).startsWith("HTTP/1.1 401 ");
      }
      long start = System.nanoTime();
      for (int slow = 0; slow < 4; slow++) {
        assertThat(connection.send(request).readAnswer()).startsWith("HTTP/1.1 401 ");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(100));

      String good = "GET /v1/workspace/ HTTP/1.1\nHost: a\nX-API-Key: %s\n\n".formatted(key);
      assertThat(connection.send(good).readAnswer()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void aBodyOfAMebibyteIsRefusedAndTheClientGetsToReadIt() throws IOException {
    String head =
        "PATCH /v1/workspace/ HTTP/1.1\nHost: a\nContent-Type: application/json\nX-API-Key: " + key;
    byte[] mebibyte = new byte[1024 * 1024];
    try (RawConnection announced = new RawConnection(server.port());
        RawConnection chunked = new RawConnection(server.port())) {
      announced.send(head + "\nContent-Length: " + mebibyte.length + "\n\n").sendBytes(mebibyte);
      assertThat(announced.readAnswer())
          .startsWith("HTTP/1.1 413 ")
          .contains("\"code\":\"PAYLOAD_TOO_LARGE\"");

      chunked.send(head + "\nTransfer-Encoding: chunked\n\n100000\n").sendBytes(mebibyte);
      chunked.send("\n0\n\n");
      assertThat(chunked.readAnswer())
          .startsWith("HTTP/1.1 413 ")
          .contains("\"code\":\"PAYLOAD_TOO_LARGE\"");
    }
  }

  @Test
  void chunksAreTakenAndBadOnesAreTold() throws IOException {
    String head =
        "PATCH /v1/workspace/ HTTP/1.1\nHost: a\nContent-Type: application/json\nX-API-Key: "
            + key
            + "\nTransfer-Encoding: chunked\n\n";
    try (RawConnection good = new RawConnection(server.port());
        RawConnection bad = new RawConnection(server.port())) {
      good.send(head + "1\n{\n1\n}\n0\n\n");
      assertThat(good.readAnswer()).startsWith("HTTP/1.1 200 ");

      bad.send(head + "zz\n{}\n0\n\n");
      assertThat(bad.readAll()).startsWith("HTTP/1.1 400 ").contains("BAD_REQUEST");
    }
  }

  @Test
  void aClientThatAsksForItHasItsConnectionClosed() throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("GET /openapi.yaml HTTP/1.1\nHost: a\nConnection: close\n\n");

      assertThat(connection.readAll())
          .startsWith("HTTP/1.1 200 ")
          .containsIgnoringCase("Connection: close")
          .contains("openapi: 3.1.0");
    }
  }

  @Test
  void aConnectionIsUsedAgainAfterAnError() throws IOException {
    String head =
        "PATCH /v1/workspace/ HTTP/1.1\nHost: a\nContent-Type: application/json\nX-API-Key: " + key;
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(head + "\nContent-Length: 5\n\n{\"a\":");
      assertThat(connection.readAnswer()).contains("MALFORMED_JSON");

      connection.send(head + "\nContent-Length: 2\n\n{}");
      assertThat(connection.readAnswer()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void aClientThatDripsItsHeadersIsCutOff() throws IOException, InterruptedException {
    try (RawConnection connection = new RawConnection(server.port())) {
      long startedAt = System.nanoTime();
      connection.send("GET /v1/workspace/ HTTP/1.1\n");

      assertThat(isCutOff(connection, "X-Drip: a\n")).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
          .isBetween(REQUEST_TIMEOUT, REQUEST_TIMEOUT.plusSeconds(8));
    }
  }

  @Test
  void aClientThatDripsItsBodyIsCutOff() throws IOException, InterruptedException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          "PATCH /v1/workspace/ HTTP/1.1\nHost: a\nContent-Type: application/json\nX-API-Key: %s\nContent-Length: 60000\n\n"
              .formatted(key));

      assertThat(isCutOff(connection, " ")).isTrue();
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"Transfer-Encoding: chunked\n\n500\n{", "Content-Length: 60000\n\n{"})
  void theRestOfABodyThatIsRefusedIsNotWaitedForAsForANextRequest(String body) throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      long startedAt = System.nanoTime();
      connection.send("PATCH /v1/workspace/ HTTP/1.1\nHost: a\n" + body);
      assertThat(connection.readAnswer()).startsWith("HTTP/1.1 401 ");

      assertThat(connection.readAll()).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
          .as("it holds the place of a request, and needs no credential")
          .isLessThan(IDLE_TIMEOUT.minusSeconds(1));
    }
  }

  @Test
  void aClientThatSaysNothingIsCutOff() throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      assertThat(connection.readAll()).isEmpty();
    }
  }

  @Test
  void aConnectionThatIsSilentBetweenTwoRequestsIsKeptForAWhileAndThenClosed() throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("GET /openapi.yaml HTTP/1.1\nHost: a\n\n").readAnswer();
      long answeredAt = System.nanoTime();

      assertThat(connection.readAll()).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - answeredAt))
          .as("longer than a request may take")
          .isGreaterThan(IDLE_TIMEOUT.minusSeconds(1));
    }
    assertThat(ConnectionSettings.STANDARD.idleTimeout())
        .as("longer than Google's load balancers keep one")
        .isGreaterThan(Duration.ofMinutes(10));
  }

  /** Sends a piece every 50 ms; whether the server ends it within 10 s. */
  private static boolean isCutOff(RawConnection connection, String piece)
      throws InterruptedException {
    for (int i = 0; i < 200; i++) {
      try {
        connection.send(piece);
      } catch (IOException e) {
        return true;
      }
      Thread.sleep(50);
    }
    return false;
  }
}
