package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@code /v1/api-keys}. */
class ApiKeysHttpIT {
  private static final String KEYS = "/v1/api-keys";

  @Served private static ApiServer server;

  @Test
  void areShownOnceAndWorkUntilTheyAreRevoked() {
    ApiClient caller = server.caller(server.workspace(Plan.PRO));

    ApiResponse created =
        caller.post(KEYS, "{\"name\":\"dashboard\",\"scopes\":[\"workspace:read\"]}");
    String key = created.json().path("key").asText();
    ApiResponse used = ApiClient.with(server.port(), key).get("/v1/workspace/");
    ApiResponse forbidden =
        ApiClient.with(server.port(), key).patch("/v1/workspace/", "{\"name\":\"x\"}");
    ApiResponse listed = caller.get(KEYS);
    ApiResponse revoked = caller.delete(created.header("Location"));

    assertThat(created.status()).isEqualTo(201);
    assertThat(used.status()).isEqualTo(200);
    assertThat(forbidden.code()).isEqualTo("INSUFFICIENT_SCOPE");
    assertThat(forbidden.header("WWW-Authenticate"))
        .contains("error=\"insufficient_scope\"", "scope=\"workspace:write\"");
    assertThat(listed.body()).contains("\"name\":\"dashboard\"").doesNotContain(key);
    assertThat(revoked.status()).isEqualTo(204);
    await()
        .atMost(Duration.ofSeconds(1))
        .untilAsserted(() ->
            assertThat(ApiClient.with(server.port(), key).get("/v1/workspace/").status())
                .isEqualTo(401));
  }

  @Test
  void canDoNoMoreThanTheirMaker() {
    Declared workspace = server.workspace(Plan.PRO);
    ApiClient caller =
        ApiClient.with(
            server.port(), server.key(workspace.id(), Scope.KEYS_WRITE, Scope.WORKSPACE_READ));

    ApiResponse reply =
        caller.post(KEYS, "{\"name\":\"n\",\"scopes\":[\"workspace:read\",\"workspace:write\"]}");

    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.code()).isEqualTo("INSUFFICIENT_SCOPE");
    assertThat(reply.body()).contains("workspace:write");
  }

  @Test
  void tellWhatIsWrongWithEachScope() {
    ApiClient caller = server.caller(server.workspace(Plan.PRO));

    ApiResponse reply =
        caller.post(
            KEYS,
            "{\"name\":\"a\\nb\",\"scopes\":[\"fleet:read\",\"runs:write\",\"runs:write\"],\"expires_at\":\"2020-01-01T00:00:00Z\"}");

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.pointers())
        .containsExactlyInAnyOrder("#/name", "#/scopes/0", "#/scopes/2", "#/expires_at");
  }

  @Test
  void areNotShownASecondTime() {
    ApiClient caller = server.caller(server.workspace(Plan.PRO)).withHeader("Idempotency-Key", "k");
    String body = "{\"name\":\"n\",\"scopes\":[\"runs:write\"]}";

    ApiResponse first = caller.post(KEYS, body);
    ApiResponse second = caller.post(KEYS, body);

    assertThat(second.json().path("id")).isEqualTo(first.json().path("id"));
    assertThat(first.json().path("key").isTextual()).isTrue();
    assertThat(second.json().path("key").isNull()).isTrue();
    assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
  }

  @Test
  void ofTheManifestAreRevokedThere() {
    Declared workspace = server.workspace(Plan.PRO);
    server.declare(
        workspace.withKeys(
            new DeclaredApiKey(
                "ci",
                new ApiKeyDigest("ab".repeat(32)),
                Set.of(Scope.RUNS_WRITE),
                Optional.empty())));
    ApiClient caller = server.caller(workspace);
    JsonNode key = caller.get(KEYS).item("name", "ci");

    ApiResponse reply = caller.delete(KEYS + "/" + key.path("id").asText());

    assertThat(key.path("source").asText()).isEqualTo("Declared");
    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.json().path("field").asText()).isEqualTo("api_keys/ci");
    assertThat(reply.json().path("detail").asText())
        .contains(workspace.namespacedName(), "spec.apiKeys");
  }
}
