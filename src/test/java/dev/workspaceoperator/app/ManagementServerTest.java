package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.option.ListenAddress;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever kind of probe asks, it is answered. */
class ManagementServerTest {
  private volatile boolean ready = true;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ManagementServer.Figures metrics =
      (output, form) -> registry.scrape(output, form.contentType());
  private final ManagementServer server =
      ManagementServer.start(new ListenAddress("127.0.0.1", 0), () -> ready, metrics);

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /livez HTTP/1.0\\n                                   | 200 | ok",
        "GET /livez HTTP/1.0\\nHost: a\\n                         | 200 | ok",
        "HEAD /readyz HTTP/1.0\\n                                 | 200 | ''",
        "GET /metrics HTTP/1.0\\n                                 | 200 | ''",
        "GET /livez HTTP/1.1\\nHost: a\\nConnection: close\\n     | 200 | ok",
        "GET http://a:9090/livez HTTP/1.1\\nHost: a\\nConnection: close\\n | 200 | ok",
        "GET /livez?verbose=1 HTTP/1.1\\nHost: a\\nConnection: close\\n   | 200 | ok",
        "POST /livez HTTP/1.0\\n                                  | 405 | Allow: GET, HEAD",
        "OPTIONS * HTTP/1.0\\n                                    | 404 | ''",
        "GET / HTTP/1.0\\n                                        | 404 | /readyz",
      })
  void everyKindOfProbeIsAnswered(String request, int status, String part) throws IOException {
    String answer = send(request.replace("\\n", "\r\n") + "\r\n");

    assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains(part);
    assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("transfer-encoding");
  }

  @ParameterizedTest
  @CsvSource({"/livez", "/readyz", "/metrics"})
  void headIsAnsweredWithoutABodyAndTheConnectionGoesOn(String path) throws IOException {
    String answers =
        send(
            ("HEAD %s HTTP/1.1\r\nHost: a\r\n\r\n".formatted(path)
                + "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));

    assertThat(answers.lines().filter(line -> line.startsWith("HTTP/1.1 200 "))).hasSize(2);
    String head = answers.substring(0, answers.indexOf("\r\n\r\n") + 4);
    assertThat(head.toLowerCase(Locale.ROOT)).contains("content-length: ", "content-type: ");
    assertThat(answers.substring(head.length())).startsWith("HTTP/1.1 200 ").endsWith("ok\n");
  }

  @Test
  void readinessIsOffWithoutTheProcessBeingDead() throws IOException {
    ready = false;

    assertThat(send("GET /readyz HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 503 ");
    assertThat(send("HEAD /readyz HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 503 ");
    assertThat(send("GET /livez HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aClientThatIsTooSlowIsCutOff() throws IOException {
    try (ManagementServer hasty =
            ManagementServer.start(
                new ListenAddress("127.0.0.1", 0), () -> ready, metrics, Duration.ofMillis(300));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), hasty.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write("GET /livez HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));

      assertThat(socket.getInputStream().read()).as("the end").isEqualTo(-1);
    }
  }

  @Test
  void whoeverIsServedLongestMakesRoomForAProbe() throws IOException {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < ManagementServer.AT_ONCE; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        slow.add(socket);
        socket.setSoTimeout(5_000);
        socket
            .getOutputStream()
            .write("GET /livez HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      await().until(() -> server.served() == ManagementServer.AT_ONCE);

      assertThat(send("GET /livez HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 200 ");

      assertThat(slow.getFirst().getInputStream().read()).as("the end").isEqualTo(-1);
      await().until(() -> server.served() == ManagementServer.AT_ONCE - 1);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void aPortThatIsTakenIsTold() {
    ListenAddress taken = new ListenAddress("127.0.0.1", server.port());

    assertThatThrownBy(() -> ManagementServer.start(taken, () -> true, metrics))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("--management-address");
  }

  private String send(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        InputStream input = socket.getInputStream()) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
