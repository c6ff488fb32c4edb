package dev.workspaceoperator.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** From a manifest that names receivers to what they get: controller and api as processes. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WorkspaceReceiversIT {
  private static final String NAMESPACE = "own-receivers";
  private static final String KEY = "a key that nobody can guess at all";
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);
  private static final Duration WITHIN = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  @RegisterExtension final RoleProcesses processes = RoleProcesses.ofEachTest();

  @TempDir private Path directory;

  private final List<Got> got = new CopyOnWriteArrayList<>();

  private record Got(String path, String id, String sentAt, String signature, String body) {}

  @Test
  void aManifestsReceiverIsToldAndOneThatMayNotBeNamedIsRefusedByStatus() throws Exception {
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/", this::take);
    receiver.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    receiver.start();
    try (TeamWorkspace bench =
        TeamWorkspace.open(SharedKubeApiServer.get(), NAMESPACE, SharedDatabase.create())) {
      String file = "--notifications-file=" + notifications();
      RoleProcess controller = processes.start(bench.aloneOptions(), file);
      await().atMost(STARTED_WITHIN).until(controller::isReady);
      ApiReplica api = processes.api(bench.databaseUrl(), file);
      await().atMost(STARTED_WITHIN).until(api.process()::isReady);
      String url = "http://127.0.0.1:%d".formatted(receiver.getAddress().getPort());
      bench.create(
          """
          {plan: Scale, killSwitch: true, dailyBudgetUsd: 7, notifications: [
            {name: own, url: '%1$s/own', keyName: team, types: [kill-switch]},
            {name: foreign, url: '%1$s/foreign', keyName: others}]}
          """
              .formatted(url));

      await()
          .atMost(WITHIN)
          .until(() -> bench.condition("Stalled").equals("True NotificationRefused"));
      assertThat(bench.storedBudget()).containsExactly("7");
      await().atMost(WITHIN).until(() -> !got.isEmpty());
      Got first = got.getFirst();
      JsonNode event = JSON.readTree(first.body());
      assertThat(event.path("type").asText())
          .isEqualTo("dev.workspaceoperator.kill-switch.activated");
      assertThat(event.path("subject").asText()).startsWith(NAMESPACE + "/");
      assertThat(first.signature()).isEqualTo(signature(first));

      bench.patch("{\"spec\":{\"killSwitch\":false,\"notifications\":null}}");
      await().atMost(WITHIN).until(bench::isSynced);
      // What happened before it was taken out is either told or dropped, and nothing is left.
      await()
          .atMost(WITHIN)
          .until(() -> bench.query("SELECT receiver FROM notification_lane").isEmpty());
      assertThat(got).extracting(Got::path).containsOnly("/own");
      assertThat(got).hasSize(1);
    } finally {
      receiver.stop(0);
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      got.add(
          new Got(
              exchange.getRequestURI().getPath(),
              exchange.getRequestHeaders().getFirst("webhook-id"),
              exchange.getRequestHeaders().getFirst("webhook-timestamp"),
              exchange.getRequestHeaders().getFirst("webhook-signature"),
              body));
      exchange.sendResponseHeaders(204, -1);
    }
  }

  private static String signature(Got one) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(KEY.getBytes(UTF_8), "HmacSHA256"));
    byte[] signed =
        mac.doFinal("%s.%s.%s".formatted(one.id(), one.sentAt(), one.body()).getBytes(UTF_8));
    return "v1," + Base64.getEncoder().encodeToString(signed);
  }

  private Path notifications() throws IOException {
    Path key = Files.writeString(directory.resolve("key"), KEY);
    return Files.writeString(
        directory.resolve("notifications.yaml"),
        """
        receivers: []
        workspaces:
          keys:
            - {name: team, keyFile: '%1$s', cluster: %2$s, namespaces: [%2$s]}
            - {name: others, keyFile: '%1$s', cluster: %2$s, namespaces: [others]}
          allowedNetworks: [127.0.0.0/8]
        """
            .formatted(key, NAMESPACE));
  }
}
