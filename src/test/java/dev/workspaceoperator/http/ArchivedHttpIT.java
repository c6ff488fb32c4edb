package dev.workspaceoperator.http;

import static dev.workspaceoperator.http.RunCalls.run;
import static dev.workspaceoperator.http.RunCalls.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.contract.EventStream;
import dev.workspaceoperator.contract.OpenApiDocument;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is left of a workspace that is archived. */
class ArchivedHttpIT {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String ALICE = "{\"user_id\":\"alice\"}";

  /** What closes the books goes on; the platform's switch is no workspace's. */
  private static final Set<String> GO_ON =
      Set.of("heartbeat", "settleStep", "settleCall", "finishRun", "switchPlatformKill");

  @Served private static ApiServer server;

  @Test
  void everythingButReadsHeartbeatSettleAndFinishIsRefused() {
    Declared workspace = server.workspace(Plan.SCALE);
    ApiClient caller = server.caller(workspace);
    String run = run(caller, ALICE);
    String key = made(caller, "/v1/api-keys", "{\"name\":\"k\",\"scopes\":[\"runs:write\"]}");
    String override = made(caller, "/v1/workspace/overrides", budgetOverride());
    caller.post("/v1/workspace/kill-switch", "{\"active\":true}");
    server.archive(workspace);
    String audit = caller.get("/v1/audit").body();

    Map<String, Supplier<ApiResponse>> writes = new LinkedHashMap<>();
    writes.put("patchWorkspace", () -> caller.patch("/v1/workspace/", "{\"name\":\"other\"}"));
    writes.put("switchKill", () -> caller.post("/v1/workspace/kill-switch", "{\"active\":false}"));
    writes.put("createOverride", () -> caller.post("/v1/workspace/overrides", budgetOverride()));
    writes.put("deleteOverride", () -> caller.delete("/v1/workspace/overrides/" + override));
    writes.put("startRun", () -> caller.post("/v1/runs", ALICE));
    writes.put("cancelRun", () -> caller.post(run + "/cancel", "{\"reason\":\"late\"}"));
    writes.put("admitCall", () -> caller.post("/v1/calls", ALICE));
    writes.put("admitStep", () -> caller.post(run + "/steps", "{}"));
    writes.put(
        "createApiKey",
        () -> caller.post("/v1/api-keys", "{\"name\":\"n\",\"scopes\":[\"runs:write\"]}"));
    writes.put("deleteApiKey", () -> caller.delete("/v1/api-keys/" + key));

    assertThat(writes.keySet()).as("every write that there is").isEqualTo(describedWrites());
    writes.forEach((operation, write) -> assertArchived(operation, write.get()));
    assertThat(caller.get("/v1/audit").body()).isEqualTo(audit);
    assertThat(caller.get(run).json().path("status").asText()).isEqualTo("running");
    assertThat(caller.get("/v1/api-keys").body()).contains(key);
    assertThat(caller.get("/v1/workspace/overrides").body()).contains(override);
  }

  @Test
  void whatWouldChangeNothingIsRefusedToo() {
    Declared workspace = server.workspace(Plan.BASIC);
    ApiClient caller = server.caller(workspace);
    server.archive(workspace);

    for (String body : List.of("{}", "{\"daily_budget_usd\":null}")) {
      assertArchived(body, caller.patch("/v1/workspace/", body));
    }
    for (String body : List.of("{\"active\":true}", "{\"active\":false}")) {
      assertArchived(body, caller.post("/v1/workspace/kill-switch", body));
    }
  }

  @Test
  void theKeysOfTheManifestGoOnForReadsHeartbeatSettleAndFinish() {
    ApiKey key = ApiKey.generate(RANDOM);
    Declared workspace = withKey(server.workspace(Plan.SCALE), key);
    ApiClient agent = ApiClient.with(server.port(), key.reveal());
    String run = run(agent, ALICE);
    String step = step(agent, run, "{\"max_cost_usd\":1}");
    String call = agent.post("/v1/calls", ALICE).json().path("id").asText();
    server.archive(workspace);

    assertThat(agent.get("/v1/workspace/").status()).isEqualTo(200);
    assertThat(agent.get("/v1/audit").status()).isEqualTo(200);
    assertThat(agent.post(run + "/heartbeat", "{}").json().path("blocked").asText())
        .isEqualTo("WORKSPACE_ARCHIVED");
    assertThat(agent.post(step + "/settle", "{\"cost_usd\":0.5}").status()).isEqualTo(200);
    assertThat(agent.post("/v1/calls/" + call + "/settle", "{\"cost_usd\":0.01}").status())
        .isEqualTo(200);
    assertThat(agent.post(run + "/finish", "{\"outcome\":\"succeeded\"}").status()).isEqualTo(200);
    assertArchived("start", agent.post("/v1/runs", ALICE));
    assertThat(agent.get("/v1/api-keys").json().path("items").size()).isEqualTo(1);
  }

  @Test
  void anotherManifestThatListsTheKeyHasItAtOnce() {
    ApiKey key = ApiKey.generate(RANDOM);
    Declared former = withKey(server.workspace(Plan.SCALE), key);
    ApiClient agent = ApiClient.with(server.port(), key.reveal());
    String formerId = agent.get("/v1/workspace/").json().path("id").asText();
    server.archive(former);

    Declared heir = withKey(server.workspace(Plan.SCALE), key);

    assertThat(formerId).isEqualTo(former.id().toString());
    await()
        .atMost(Duration.ofSeconds(1))
        .untilAsserted(() ->
            assertThat(agent.get("/v1/workspace/").json().path("id").asText())
                .isEqualTo(heir.id().toString()));
    assertThat(agent.post("/v1/runs", ALICE).status()).isEqualTo(201);
  }

  @Test
  void aSlugIsNobodysAnyMoreOnceItsWorkspaceIsArchived() throws InterruptedException {
    Declared former = server.workspace(Plan.SCALE);
    String slug = former.manifest().slug();
    ApiClient caller = server.caller(former);
    ApiClient fleet = ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_READ));
    try (EventStream stream = caller.events("/v1/workspace/events")) {
      assertThat(stream.next(SOON).data()).contains("\"slug\":\"" + slug + "\"");
      server.archive(former);
      assertThat(stream.next(SOON).data()).contains("\"slug\":null");
    }
    Declared heir = server.workspace(Plan.SCALE);
    server.archive(heir);
    server.declare(withSlug(heir.manifest(), slug));

    assertThat(caller.get("/v1/workspace/").json().path("slug").isNull()).isTrue();
    List<String> holders = new ArrayList<>();
    for (JsonNode item : fleet.get("/v1/workspaces?limit=500").json().path("items")) {
      if (item.path("slug").asText().equals(slug)) {
        holders.add(item.path("id").asText());
      }
    }
    assertThat(holders).containsExactly(heir.id().toString());
    assertThat(caller.get("/v1/audit?limit=5").body())
        .contains("\"field\":\"slug\",\"before\":\"" + slug + "\",\"after\":null");
  }

  private static void assertArchived(String what, ApiResponse answer) {
    assertThat(answer.status()).as("%s: %s", what, answer.body()).isEqualTo(403);
    assertThat(answer.code()).as(what).isEqualTo("WORKSPACE_ARCHIVED");
  }

  /** Every operation that writes, but those that go on. */
  private static Set<String> describedWrites() {
    Set<String> writes = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path :
        OpenApiDocument.shipped().root().path("paths").properties()) {
      if (path.getKey().startsWith("/v1/workspaces/{workspace}")) {
        // The same routes, by another way.
        continue;
      }
      path.getValue().properties().stream()
          .filter(member -> Set.of("post", "put", "patch", "delete").contains(member.getKey()))
          .map(member -> member.getValue().path("operationId").asText())
          .filter(operation -> !GO_ON.contains(operation))
          .forEach(writes::add);
    }
    return writes;
  }

  private static String made(ApiClient caller, String path, String body) {
    ApiResponse made = caller.post(path, body);
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    return made.json().path("id").asText();
  }

  private static String budgetOverride() {
    return "{\"daily_budget_usd\":7,\"expires_at\":\"%s\",\"reason\":\"r\"}"
        .formatted(server.now().plus(Duration.ofHours(1)));
  }

  private static Declared withKey(Declared workspace, ApiKey key) {
    return server.declare(
        workspace.withKeys(
            new DeclaredApiKey(
                "agent",
                key.digest(),
                Set.of(Scope.WORKSPACE_READ, Scope.RUNS_WRITE, Scope.KEYS_WRITE),
                Optional.empty())));
  }

  private static Manifest withSlug(Manifest manifest, String slug) {
    return new Manifest(
        manifest.identity(),
        manifest.uid() + "-again",
        1,
        slug,
        manifest.settings(),
        DeletionPolicy.RETAIN,
        manifest.apiKeys(),
        List.of());
  }
}
