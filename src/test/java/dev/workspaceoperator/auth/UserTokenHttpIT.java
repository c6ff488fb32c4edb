package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A token of one user starts, and sees, only that user's runs and usage (design.md §6). */
class UserTokenHttpIT {
  @Test
  void aUsersTokenReachesOnlyTheUsersOwnRuns() throws Exception {
    TokenSigner key = TokenSigner.ec("one", 256);
    try (JwksServer jwks = new JwksServer()) {
      jwks.publish(key);
      TokenIssuer issuer =
          Issuers.oidc(
              jwks,
              Optional.of("sub"),
              Scope.WORKSPACE_READ,
              Scope.RUNS_WRITE,
              Scope.WORKSPACE_WRITE,
              Scope.KEYS_WRITE);
      try (ApiServer server = ApiServer.accepting(List.of(issuer))) {
        UUID workspaceId = server.workspace(Plan.SCALE).id();
        ApiClient everyone = ApiClient.with(server.port(), server.keyWithAllScopes(workspaceId));
        ApiClient alice =
            ApiClient.anonymous(server.port()).withBearer(token(key, workspaceId, "alice"));
        String bobs = everyone.post("/v1/runs", "{\"user_id\":\"bob\"}").header("Location");
        String step =
            bobs
                + "/steps/"
                + everyone
                    .withHeader("Idempotency-Key", "bobs")
                    .post(bobs + "/steps", "{\"max_cost_usd\":2}")
                    .json()
                    .path("id")
                    .asText();

        ApiResponse own = alice.post("/v1/runs", "{\"user_id\":\"alice\"}");
        String bobsCall =
            everyone
                .post("/v1/calls", "{\"user_id\":\"bob\"}")
                .header("Location")
                .replace("runs", "calls");
        ApiResponse foreign = alice.post("/v1/runs", "{\"user_id\":\"bob\"}");
        alice.post(own.header("Location") + "/steps", "{\"max_cost_usd\":1}");

        assertThat(own.status()).isEqualTo(201);
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(foreign.code()).isEqualTo("USER_MISMATCH");
        assertThat(alice.get("/v1/runs?user_id=bob").code()).isEqualTo("USER_MISMATCH");
        assertThat(alice.get("/v1/runs").json().path("items").findValuesAsText("user_id"))
            .containsExactly("alice");
        assertThat(alice.post("/v1/calls", "{\"user_id\":\"bob\"}").code())
            .isEqualTo("USER_MISMATCH");
        assertThat(alice.post(bobsCall + "/settle", "{\"cost_usd\":0}").status()).isEqualTo(404);
        assertThat(alice.get(bobs).status()).isEqualTo(404);
        assertThat(alice.post(bobs + "/steps", "{}").status()).isEqualTo(404);
        assertThat(alice.post(bobs + "/cancel", "{\"reason\":\"x\"}").status()).isEqualTo(404);
        assertThat(alice.post(bobs + "/heartbeat", "{}").status()).isEqualTo(404);
        assertThat(alice.post(bobs + "/finish", "{\"outcome\":\"failed\"}").status())
            .isEqualTo(404);
        assertThat(alice.post(step + "/settle", "{\"cost_usd\":1}").status()).isEqualTo(404);
        assertThat(
                alice
                    .withHeader("Idempotency-Key", "bobs")
                    .post(bobs + "/steps", "{\"max_cost_usd\":2}")
                    .status())
            .as("nor what bob was answered under his key")
            .isEqualTo(404);
        assertThat(
                List.of(
                    alice.post("/v1/api-keys", "{\"name\":\"a\",\"scopes\":[\"runs:write\"]}"),
                    alice.get("/v1/api-keys"),
                    alice.delete("/v1/api-keys/" + UUID.randomUUID())))
            .as("a key would be bound to nobody")
            .allSatisfy(answer -> {
              assertThat(answer.status()).isEqualTo(403);
              assertThat(answer.code()).isEqualTo("USER_MISMATCH");
            });
        assertThat(
                alice
                    .get("/v1/usage")
                    .json()
                    .path("users")
                    .path("items")
                    .findValuesAsText("user_id"))
            .containsExactly("alice");
      }
    }
  }

  private static String token(TokenSigner key, UUID workspaceId, String user) {
    long now = Instant.now().getEpochSecond();
    return key.token(
        "ES256",
        Issuers.claims(workspaceId.toString())
            .with("sub", user)
            .with("scope", "workspace:read runs:write workspace:write keys:write")
            .with("iat", now - 10)
            .with("exp", now + 600)
            .json());
  }
}
