package dev.workspaceoperator.app;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;

/**
 * One workspace whose traffic goes through a gateway.
 *
 * @param id the workspace's
 * @param api its own client of the REST API
 * @param key with all scopes
 * @param door where the gateway listens
 */
record GatewaySite(UUID id, ApiClient api, String key, URI door) {
  /** A cent each: nothing for what goes in, and 8 words come out. */
  static final String CENT = "{\"model\":\"cent\",\"max_tokens\":8,\"messages\":[]}";

  static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** Longer than the leases of the tests, which are the shortest there are. */
  private static final Duration AT_REST_WITHIN = Duration.ofSeconds(20);

  /** A new one with this budget a day. */
  static GatewaySite make(ApiServer server, URI door, String budgetUsd) {
    Declared workspace = server.workspaceWithBudget(Plan.SCALE, budgetUsd);
    String key = server.keyWithAllScopes(workspace.id());
    return new GatewaySite(workspace.id(), ApiClient.with(server.port(), key), key, door);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(door.resolve(path))
        .timeout(Duration.ofSeconds(60))
        .header("Authorization", "Bearer " + key)
        .header("Content-Type", "application/json");
  }

  /** Asks the model for a completion. */
  HttpResponse<String> ask(String body) throws IOException, InterruptedException {
    return CLIENT.send(
        request("/v1/chat/completions").POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  JsonNode usage() {
    return api.get("/v1/usage").json();
  }

  /** Waits until nothing is under way, and tells what was spent. */
  String spentAtRest() {
    await().atMost(AT_REST_WITHIN).until(() -> usage().path("active_runs").asInt() == 0);
    return spent();
  }

  String spent() {
    return usage().path("spent_usd").decimalValue().stripTrailingZeros().toPlainString();
  }

  JsonNode lastRun() {
    return api.get("/v1/runs").json().path("items").path(0);
  }
}
