package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Settings, audit and fleet. */
class ResourcesHttpIT {

  @Served private static ApiServer server;

  @Nested
  class Settings {
    @Test
    void tellOfEachValueWhereItComesFrom() {
      Declared workspace = server.workspaceWithBudget(Plan.PRO, "100");
      ApiClient caller = server.caller(workspace);
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
  class Audit {
    @Test
    void tellsWhoChangedWhatNewestFirstInParts() {
      ApiClient caller = server.caller(server.workspace(Plan.PRO));
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
      ApiClient caller = server.caller(server.workspace(Plan.PRO));

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
      ApiClient caller = server.caller(server.workspace(Plan.PRO));

      Map.of(
              "/v1/audit?limt=5",
                  "The query has limt, which this path does not know. It knows limit, cursor.",
              "/v1/runs?limit=5&statu=running",
                  "statu, which this path does not know. It knows limit, cursor, status, user_id.",
              "/v1/usage?date=2030-01-31",
                  "date, which this path does not know. It knows limit, cursor, day.")
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

      JsonNode found = fleet.get("/v1/workspaces?limit=500").item("id", archived.id().toString());

      assertThat(found.path("archived").asBoolean()).isTrue();
      assertThat(found.path("cluster").asText()).isEqualTo("default");
      assertThat(found.path("plan").asText()).isEqualTo("Scale");
    }

    @Test
    void hasNoWorkspaceOfItsOwnAndAWorkspaceHasNoFleet() {
      ApiClient fleet =
          ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_READ, Scope.WORKSPACE_READ));
      ApiClient team = server.caller(server.workspace(Plan.PRO));

      assertThat(fleet.get("/v1/workspace/").code()).isEqualTo("NO_WORKSPACE");
      assertThat(team.get("/v1/workspaces").code()).isEqualTo("INSUFFICIENT_SCOPE");
      assertThat(fleet.post("/v1/platform/kill-switch", "{\"active\":true}").code())
          .isEqualTo("INSUFFICIENT_SCOPE");
    }

    @Test
    void stopsEveryWorkspaceWhateverItsPlan() {
      ApiClient fleet = ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_WRITE));
      ApiClient team = server.caller(server.workspace(Plan.BASIC));
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
