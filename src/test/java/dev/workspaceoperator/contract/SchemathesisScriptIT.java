package dev.workspaceoperator.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.workspaceoperator.env.CommandResult;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The script's verdict counts: it fails on a server that breaks its contract. */
final class SchemathesisScriptIT {
  @Test
  void aServerThatBreaksItsContractIsFound() throws Exception {
    HttpServer liar =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    liar.createContext("/", SchemathesisScriptIT::answer);
    liar.start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + liar.getAddress().getPort());

      CommandResult result =
          Schemathesis.run(uri, "wsk_x", Optional.empty(), Duration.ofSeconds(5));

      assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isEqualTo(1);
      assertThat(result.stdout()).contains("Server error");
    } finally {
      liar.stop(0);
    }
  }

  @Test
  void aServerThatIsNotThereIsNoSuccess() throws Exception {
    CommandResult result =
        Schemathesis.run(
            URI.create("http://127.0.0.1:1"), "wsk_x", Optional.empty(), Duration.ofSeconds(1));

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.stderr()).contains("openapi.yaml cannot be read; does the server run?");
  }

  /** The description as it is, and a bare 500 for all that it promises. */
  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange;
        InputStream description = SchemathesisScriptIT.class.getResourceAsStream("/openapi.yaml")) {
      if (exchange.getRequestURI().getPath().equals("/openapi.yaml") && description != null) {
        byte[] body = description.readAllBytes();
        exchange.getResponseHeaders().add("Content-Type", "application/yaml");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      } else {
        exchange.sendResponseHeaders(500, -1);
      }
    }
  }
}
