package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Every resource besides {@code /v1/workspace/} itself. */
class ResourcesHttpIT {
  private static final String OVERRIDES = "/v1/workspace/overrides";
  private static final String KEYS = "/v1/api-keys";

  private static ApiServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    server = ApiServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ApiClient caller(Declared workspace) {
    return ApiClient.with(server.port(), server.keyWithAllScopes(workspace.id()));
  }

  private static String in(Duration time) {
    return server.now().plus(time).toString();
  }

  private static JsonNode find(JsonNode items, String field, String value) {
    for (JsonNode item : items) {
      if (item.path(field).asText().equals(value)) {
        return item;
      }
    }
    throw new AssertionError("no %s %s in %s".formatted(field, value, items));
  }

  @Nested
  class Settings {
    @Test
    void tellOfEachValueWhereItComesFrom() {
      Declared workspace = server.workspaceWithBudget(Plan.PRO, "100");
      ApiClient caller = caller(workspace);
      caller.patch("/v1/workspace/", "{\"user_daily_budget_usd\":5}");

      JsonNode settings = caller.get("/v1/workspace/settings").json();

      assertThat(settings.path("plan").asText()).isEqualTo("Pro");
      assertThat(settings.path("daily_budget_usd").toString())
          .isEqualTo(
              "{\"value\":100,\"source\":\"Declared\",\"until\":null,\"declared_by\":\"%s\"}"
                  .formatted(workspace.namespacedName()));
      assertThat(settings.path("user_daily_budget_usd").path("source").asText())
          .isEqualTo("Runtime");
      assertThat(settings.path("max_concurrent_runs").path("source").asText())
          .isEqualTo("PlanDefault");
      assertThat(settings.path("name").path("source").asText()).isEqualTo("Default");
    }
  }

  @Nested
  class Overrides {
    @Test
    void areInForceUntilTheyAreDeleted() {
      ApiClient caller = caller(server.workspaceWithBudget(Plan.PRO, "100"));

      ApiResponse created =
          caller.post(
              OVERRIDES,
              "{\"daily_budget_usd\":250.5,\"expires_at\":\"%s\",\"reason\":\"incident\"}"
                  .formatted(in(Duration.ofHours(2))));
      ApiResponse listed = caller.get(OVERRIDES);
      ApiResponse inForce = caller.get("/v1/workspace/");
      ApiResponse deleted = caller.delete(created.header("Location"));

      assertThat(created.status()).isEqualTo(201);
      assertThat(created.json().path("field").asText()).isEqualTo("daily_budget_usd");
      assertThat(listed.json().path("items").path(0)).isEqualTo(created.json());
      assertThat(inForce.body()).contains("\"daily_budget_usd\":250.5,");
      assertThat(deleted.status()).isEqualTo(204);
      assertThat(deleted.body()).isEmpty();
      assertThat(caller.get("/v1/workspace/").body()).contains("\"daily_budget_usd\":100,");
      assertThat(caller.delete(created.header("Location")).status()).isEqualTo(404);
    }

    @Test
    void canBeUnlimited() {
      ApiClient caller = caller(server.workspaceWithBudget(Plan.PRO, "100"));

      ApiResponse created =
          caller.post(
              OVERRIDES,
              "{\"daily_budget_usd\":null,\"expires_at\":\"%s\",\"reason\":\"incident\"}"
                  .formatted(in(Duration.ofHours(1))));

      assertThat(created.json().path("value").isNull()).isTrue();
      assertThat(caller.get("/v1/workspace/").body()).contains("\"daily_budget_usd\":null,");
    }

    @Test
    void mustEndWithin24Hours() {
      ApiClient caller = caller(server.workspace(Plan.PRO));

      for (String end :
          List.of(in(Duration.ofHours(25)), in(Duration.ofHours(-1)), "9999-12-31T23:59:59Z")) {
        ApiResponse reply =
            caller.post(
                OVERRIDES,
                "{\"max_concurrent_runs\":20,\"expires_at\":\"%s\",\"reason\":\"r\"}"
                    .formatted(end));

        assertThat(reply.status()).as(end).isEqualTo(422);
        assertThat(reply.pointers()).containsExactly("#/expires_at");
      }
    }

    @Test
    void tellEverythingThatIsWrongAtOnce() {
      ApiClient caller = caller(server.workspace(Plan.PRO));

      ApiResponse reply =
          caller.post(
              OVERRIDES,
              "{\"daily_budget_usd\":-1,\"max_concurrent_runs\":null,\"expires_at\":\"soon\",\"x\":1}");

      assertThat(reply.status()).isEqualTo(422);
      assertThat(reply.pointers())
          .containsExactlyInAnyOrder(
              "#/x",
              "#",
              "#/daily_budget_usd",
              "#/max_concurrent_runs",
              "#/expires_at",
              "#/reason");
    }

    @Test
    void areMadeOnceForOneIdempotencyKey() {
      ApiClient caller =
          caller(server.workspace(Plan.PRO)).withHeader("Idempotency-Key", "incident 7");
      String end = in(Duration.ofHours(1));
      String body =
          "{\"max_concurrent_runs\":20,\"expires_at\":\"%s\",\"reason\":\"r\"}".formatted(end);

      ApiResponse first = caller.post(OVERRIDES, body);
      ApiResponse equal =
          caller.post(
              OVERRIDES + "/",
              "{ \"reason\":\"\\u0072\", \"expires_at\":\"%s\", \"max_concurrent_runs\":2e1 }"
                  .formatted(end));
      ApiResponse other = caller.post(OVERRIDES, body.replace("20", "21"));

      assertThat(first.header("Idempotency-Replayed")).isEmpty();
      assertThat(equal.status()).isEqualTo(201);
      assertThat(equal.header("Idempotency-Replayed")).isEqualTo("true");
      assertThat(equal.body()).isEqualTo(first.body());
      assertThat(other.status()).isEqualTo(422);
      assertThat(other.code()).isEqualTo("IDEMPOTENCY_KEY_REUSED");
      assertThat(caller.get(OVERRIDES).json().path("items")).hasSize(1);
    }
  }

  @Nested
  class Keys {
    @Test
    void areShownOnceAndWorkUntilTheyAreRevoked() {
      ApiClient caller = caller(server.workspace(Plan.PRO));

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
      ApiClient caller = caller(server.workspace(Plan.PRO));

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
      ApiClient caller = caller(server.workspace(Plan.PRO)).withHeader("Idempotency-Key", "k");
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
      ApiClient caller = caller(workspace);
      JsonNode key = find(caller.get(KEYS).json().path("items"), "name", "ci");

      ApiResponse reply = caller.delete(KEYS + "/" + key.path("id").asText());

      assertThat(key.path("source").asText()).isEqualTo("Declared");
      assertThat(reply.status()).isEqualTo(409);
      assertThat(reply.json().path("field").asText()).isEqualTo("api_keys/ci");
      assertThat(reply.json().path("detail").asText())
          .contains(workspace.namespacedName(), "spec.apiKeys");
    }
  }

  @Nested
  class Audit {
    @Test
    void tellsWhoChangedWhatNewestFirstInParts() {
      ApiClient caller = caller(server.workspace(Plan.PRO));
      caller.withHeader("X-Request-Id", "req-1").patch("/v1/workspace/", "{\"name\":\"A\"}");
      caller.withHeader("X-Request-Id", "req-2").patch("/v1/workspace/", "{\"name\":\"B\"}");

      ApiResponse first = caller.get("/v1/audit?limit=1");
      List<String> seqs = new ArrayList<>();
      ApiResponse part = first;
      while (true) {
        part.json().path("items").forEach(item -> seqs.add(item.path("seq").asText()));
        if (part.json().path("next_cursor").isNull()) {
          break;
        }
        part = caller.get("/v1/audit?limit=1&cursor=" + part.json().path("next_cursor").asText());
      }

      JsonNode newest = first.json().path("items").path(0);
      assertThat(newest.path("request_id").asText()).isEqualTo("req-2");
      assertThat(newest.path("actor").asText()).isEqualTo("api-key test");
      assertThat(newest.path("layer").asText()).isEqualTo("Runtime");
      assertThat(newest.path("before").asText()).isEqualTo("A");
      assertThat(newest.path("after").asText()).isEqualTo("B");
      assertThat(seqs).hasSizeGreaterThan(2).doesNotHaveDuplicates();
      assertThat(seqs.getLast()).isEqualTo("1");
    }

    @Test
    void refusesAForeignCursorAndABadLimit() {
      ApiClient caller = caller(server.workspace(Plan.PRO));

      for (String query :
          List.of(
              "cursor=nonsense",
              "limit=0",
              "limit=501",
              "limit=x",
              "limit=1&limit=2",
              "limit=99999999999",
              "cursor=%00")) {
        ApiResponse reply = caller.get("/v1/audit?" + query);
        assertThat(reply.status()).as(query).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("BAD_REQUEST");
      }
    }

    @Test
    void namesAParameterThatItDoesNotKnowAndThoseThatItDoes() {
      ApiClient caller = caller(server.workspace(Plan.PRO));

      Map.of(
              "/v1/audit?limt=5",
                  "The query has limt, which this list does not know. It knows limit, cursor.",
              "/v1/runs?limit=5&statu=running",
                  "statu, which this list does not know. It knows limit, cursor, status, user_id.",
              "/v1/usage?date=2030-01-31",
                  "date, which this list does not know. It knows limit, cursor, day.")
          .forEach((target, told) -> {
            ApiResponse reply = caller.get(target);
            assertThat(reply.status()).as(target).isEqualTo(400);
            assertThat(reply.code()).isEqualTo("BAD_REQUEST");
            assertThat(reply.body()).contains(told);
          });
    }
  }

  @Nested
  class Fleet {
    @Test
    void listsWorkspacesOfAllKinds() {
      Declared archived = server.workspace(Plan.SCALE);
      server.declare(archived.with(DeletionPolicy.DELETE));
      server.archive(archived);
      ApiClient fleet =
          ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_READ, Scope.FLEET_WRITE));

      JsonNode list = fleet.get("/v1/workspaces?limit=500").json();

      JsonNode found = find(list.path("items"), "id", archived.id().toString());

      assertThat(found.path("archived").asBoolean()).isTrue();
      assertThat(found.path("cluster").asText()).isEqualTo("default");
      assertThat(found.path("plan").asText()).isEqualTo("Scale");
    }

    @Test
    void hasNoWorkspaceOfItsOwnAndAWorkspaceHasNoFleet() {
      ApiClient fleet =
          ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_READ, Scope.WORKSPACE_READ));
      ApiClient team = caller(server.workspace(Plan.PRO));

      assertThat(fleet.get("/v1/workspace/").code()).isEqualTo("NO_WORKSPACE");
      assertThat(team.get("/v1/workspaces").code()).isEqualTo("INSUFFICIENT_SCOPE");
      assertThat(fleet.post("/v1/platform/kill-switch", "{\"active\":true}").code())
          .isEqualTo("INSUFFICIENT_SCOPE");
    }

    @Test
    void stopsEveryWorkspaceWhateverItsPlan() {
      ApiClient fleet = ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_WRITE));
      ApiClient team = caller(server.workspace(Plan.BASIC));
      try {
        ApiResponse on =
            fleet.post("/v1/platform/kill-switch", "{\"active\":true,\"reason\":\"leak\"}");
        ApiResponse again =
            fleet.post("/v1/platform/kill-switch", "{\"active\":true,\"reason\":\"other\"}");

        assertThat(on.json().path("reason").asText()).isEqualTo("leak");
        assertThat(again.body()).isEqualTo(on.body());
        assertThat(team.get("/v1/workspace/").json().path("kill_switch").asBoolean()).isTrue();
        assertThat(team.post("/v1/workspace/kill-switch", "{\"active\":false}").code())
            .isEqualTo("KILL_SWITCH_PLATFORM");
      } finally {
        assertThat(fleet.post("/v1/platform/kill-switch", "{\"active\":false}").body())
            .isEqualTo("{\"active\":false,\"reason\":null,\"since\":null}");
      }
    }
  }
}
