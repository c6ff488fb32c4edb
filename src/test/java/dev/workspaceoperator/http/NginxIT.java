package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.EventStream;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.Nginx;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behind a real nginx: as docs/http.md configures it, and as it is by itself. */
class NginxIT {
  private static final Pattern SHOWN =
      Pattern.compile("^```nginx\n(.*?)^```\n", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Duration SOON = Duration.ofSeconds(20);

  private static ApiServer server;
  private static Nginx nginx;
  private static int asShown;
  private static String key;

  @BeforeAll
  static void start(@TempDir Path directory) throws InterruptedException, IOException {
    Optional<String> program = Nginx.find(why -> System.err.println("SKIPPED, NO NGINX: " + why));
    assumeTrue(program.isPresent(), "no nginx");
    server = ApiServer.start();
    key = server.keyWithAllScopes(server.workspace(Plan.SCALE).id());
    asShown = FreePort.find();
    nginx =
        Nginx.start(
            program.get(), directory.resolve("nginx"), shown(), asShown, System.err::println);
  }

  @AfterAll
  static void stop() {
    if (nginx != null) {
      nginx.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void allGoesOverFewConnectionsThatAreKept() throws IOException {
    ApiClient client = behind();
    for (int i = 0; i < 20; i++) {
      assertThat(client.get("/v1/workspace/").status()).isEqualTo(200);
      assertThat(client.patch("/v1/workspace/", "{\"name\":\"N" + i + "\"}").status())
          .isEqualTo(200);
      assertThat(client.send("HEAD", "/v1/workspace/").status()).isEqualTo(200);
      assertThat(client.get("/nowhere").status()).isEqualTo(404);
      assertThat(client.send("OPTIONS", "/v1/workspace/").status()).isEqualTo(204);
    }
    Matcher connections =
        Pattern.compile("(?m)^workspace_operator_http_connections (\\S+)$")
            .matcher(server.scrape());
    assertThat(connections.find()).isTrue();
    assertThat(Double.parseDouble(connections.group(1))).isBetween(1.0, 4.0);
    assertThat(nginx.logTail()).doesNotContain("upstream prematurely closed", "[error]");
  }

  @Test
  void eventsComeAtOnce() throws InterruptedException {
    ApiClient client = behind();
    try (EventStream events = client.events("/v1/workspace/events")) {
      assertThat(events.next(SOON).name()).isEqualTo("workspace");

      client.patch("/v1/workspace/", "{\"max_concurrent_runs\":7}");

      await()
          .atMost(SOON)
          .until(() -> events.next(SOON).data().contains("\"max_concurrent_runs\":7"));
    }
  }

  @Test
  void whereItSpeaksHttp10TheAnswerSaysHowToChangeThat() throws IOException {
    try (RawConnection connection = new RawConnection(asShown)) {
      String answer =
          connection
              .send("GET /old HTTP/1.1\nHost: a\nConnection: close\nX-API-Key: " + key + "\n\n")
              .readAll();

      assertThat(answer).startsWith("HTTP/1.1 505 ").contains("proxy_http_version 1.1");
    }
  }

  private static ApiClient behind() {
    return ApiClient.at(URI.create("http://127.0.0.1:" + asShown)).withApiKey(key);
  }

  /** The page's configuration with the ports of this test, and one place as old as can be. */
  private static String shown() throws IOException {
    Matcher shown = SHOWN.matcher(Files.readString(Path.of("docs/http.md")));
    assertThat(shown.find()).isTrue();
    return shown
        .group(1)
        .replace("127.0.0.1:8080", "127.0.0.1:" + server.port())
        .replace("127.0.0.1:8081", "127.0.0.1:" + asShown)
        .replaceFirst(
            "location / \\{",
            "location /old { proxy_pass http://workspace-operator; proxy_http_version 1.0; }\n"
                + "    location / {");
  }
}
