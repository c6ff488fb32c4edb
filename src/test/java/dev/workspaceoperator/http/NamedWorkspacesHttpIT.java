package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /v1/workspaces/{workspace}/…}: on-call acts on one workspace with a key of all. */
class NamedWorkspacesHttpIT {
  @Served private static ApiServer server;
  private static ApiClient onCall;
  private static ApiClient onlooker;

  @BeforeAll
  static void start() {
    onCall = ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_READ, Scope.FLEET_WRITE));
    onlooker = ApiClient.with(server.port(), server.fleetKey(Scope.FLEET_READ));
  }

  private static String path(Declared workspace) {
    return "/v1/workspaces/" + workspace.manifest().slug();
  }

  private static String in(Duration time) {
    return server.now().plus(time).toString();
  }

  @ParameterizedTest
  @EnumSource(Plan.class)
  void anyWorkspaceIsStoppedAndReleasedWhateverItsPlan(Plan plan) {
    Declared workspace = server.workspace(plan);
    ApiClient team = server.caller(workspace);
    String body = "{\"active\":true,\"reason\":\"runaway agent\"}";

    ApiResponse on = onCall.post(path(workspace) + "/kill-switch", body);
    ApiResponse again = onCall.post(path(workspace) + "/kill-switch", body);
    ApiResponse refused = team.post("/v1/runs", "{\"user_id\":\"alice\"}");
    ApiResponse off = onCall.post(path(workspace) + "/kill-switch", "{\"active\":false}");

    assertThat(on.status()).as(on.body()).isEqualTo(200);
    assertThat(on.json().path("kill_switch").asBoolean()).isTrue();
    assertThat(again.body()).isEqualTo(on.body());
    assertThat(refused.code()).isEqualTo("KILL_SWITCH_ACTIVE");
    assertThat(refused.body()).contains("runaway agent");
    assertThat(off.json().path("kill_switch").asBoolean()).isFalse();
    assertThat(team.post("/v1/runs", "{\"user_id\":\"alice\"}").status()).isEqualTo(201);
  }

  @Test
  void itsOwnKeyIsStillBoundByItsPlan() {
    Declared workspace = server.workspace(Plan.BASIC);

    assertThat(
            server.caller(workspace).post("/v1/workspace/kill-switch", "{\"active\":true}").code())
        .isEqualTo("PLAN_UPGRADE_REQUIRED");
  }

  @Test
  void whatTheFleetDidIsAuditedUnderANameThatNoKeyOfTheWorkspaceHas() {
    Declared workspace = server.workspace(Plan.SCALE);
    ApiClient team = server.caller(workspace);

    onCall.post(path(workspace) + "/kill-switch", "{\"active\":true,\"reason\":\"stop\"}");
    JsonNode newest = onCall.get(path(workspace) + "/audit").json().path("items").path(0);

    assertThat(newest.path("actor").asText()).isEqualTo("fleet-api-key fleet-test");
    assertThat(newest.path("field").asText()).isEqualTo("kill_switch");
    assertThat(newest.path("reason").asText()).isEqualTo("stop");
    assertThat(newest).isEqualTo(team.get("/v1/audit").json().path("items").path(0));
  }

  @Test
  void aBudgetIsRaisedForTwoHoursAndNotForLonger() {
    Declared workspace = server.workspaceWithBudget(Plan.PRO, "100");
    ApiClient team = server.caller(workspace);

    ApiResponse created =
        onCall.post(
            path(workspace) + "/overrides",
            "{\"daily_budget_usd\":250,\"expires_at\":\"%s\",\"reason\":\"incident\"}"
                .formatted(in(Duration.ofHours(2))));
    ApiResponse listed = onlooker.get(path(workspace) + "/overrides");
    String inForce = team.get("/v1/workspace/").body();
    ApiResponse deleted = onCall.delete(created.header("Location"));

    assertThat(created.status()).as(created.body()).isEqualTo(201);
    assertThat(created.header("Location")).startsWith(path(workspace) + "/overrides/");
    assertThat(listed.json().path("items").path(0)).isEqualTo(created.json());
    assertThat(inForce).contains("\"daily_budget_usd\":250,");
    assertThat(deleted.status()).isEqualTo(204);
    assertThat(team.get("/v1/workspace/").body()).contains("\"daily_budget_usd\":100,");
  }

  @Test
  void anOverrideNeedsThePlanThatItNeedsForTheWorkspaceItself() {
    ApiResponse refused =
        onCall.post(
            path(server.workspace(Plan.BASIC)) + "/overrides",
            "{\"max_concurrent_runs\":20,\"expires_at\":\"%s\",\"reason\":\"r\"}"
                .formatted(in(Duration.ofHours(1))));

    assertThat(refused.code()).isEqualTo("PLAN_UPGRADE_REQUIRED");
  }

  @Test
  void aRunOfAnyoneIsSeenAndCancelled() {
    Declared workspace = server.workspace(Plan.PRO);
    String run = RunCalls.run(server.caller(workspace), "{\"user_id\":\"alice\"}");
    String named = run.replace("/v1/runs", path(workspace) + "/runs");

    assertThat(onlooker.get(path(workspace) + "/runs?status=running").json().path("items"))
        .hasSize(1);
    ApiResponse cancelled = onCall.post(named + "/cancel", "{\"reason\":\"too dear\"}");

    assertThat(cancelled.json().path("status").asText()).isEqualTo("cancelled");
    assertThat(onlooker.get(named).json()).isEqualTo(cancelled.json());
    assertThat(server.caller(workspace).post(run + "/steps", "{\"max_cost_usd\":1}").code())
        .isEqualTo("RUN_CANCELLED");
  }

  /** The same bodies, whichever way they are asked for. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/workspace",
        "/v1/workspace/settings",
        "/v1/usage",
        "/v1/usage/history",
        "/v1/usage/export",
        "/v1/runs",
        "/v1/audit",
        "/v1/workspace/overrides"
      })
  void whatIsReadIsWhatTheWorkspaceReads(String own) {
    Declared workspace = server.workspaceWithBudget(Plan.PRO, "100");
    ApiClient team = server.caller(workspace);
    RunCalls.step(team, RunCalls.run(team, "{\"user_id\":\"alice\"}"), "{\"max_cost_usd\":1}");
    String suffix = own.replaceFirst("/v1(/workspace)?", "");

    ApiResponse byTeam = team.get(own);

    assertThat(byTeam.status()).isEqualTo(200);
    for (String name : List.of(workspace.manifest().slug(), workspace.id().toString())) {
      ApiResponse byFleet = onlooker.get("/v1/workspaces/" + name + suffix);
      assertThat(byFleet.status()).as(byFleet.body()).isEqualTo(200);
      assertThat(byFleet.body()).isEqualTo(byTeam.body());
    }
  }

  @Test
  void readingIsNotWriting() {
    String path = path(server.workspace(Plan.SCALE));

    assertThat(onlooker.post(path + "/kill-switch", "{\"active\":true}").code())
        .isEqualTo("INSUFFICIENT_SCOPE");
    assertThat(
            onlooker
                .post(
                    path + "/overrides",
                    "{\"daily_budget_usd\":1,\"expires_at\":\"%s\",\"reason\":\"r\"}"
                        .formatted(in(Duration.ofHours(1))))
                .code())
        .isEqualTo("INSUFFICIENT_SCOPE");
    assertThat(onlooker.get(path).json().path("kill_switch").asBoolean()).isFalse();
  }

  @Test
  void aWorkspaceReachesNoOther() {
    ApiClient team = server.caller(server.workspace(Plan.SCALE));
    String other = path(server.workspace(Plan.SCALE));

    assertThat(team.get(other).code()).isEqualTo("INSUFFICIENT_SCOPE");
    assertThat(team.post(other + "/kill-switch", "{\"active\":true}").code())
        .isEqualTo("INSUFFICIENT_SCOPE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nobody", "NOBODY", "00000000-0000-0000-0000-000000000000", "a%2Fb", "'"})
  void whatIsNotThereIsNotFound(String name) {
    ApiResponse reply = onCall.post("/v1/workspaces/" + name + "/kill-switch", "{\"active\":true}");

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.body()).contains("/v1/workspaces lists all.");
  }

  @Test
  void anIdGoesBeforeASlugThatLooksLikeIt() {
    Declared victim = server.workspaceWithBudget(Plan.PRO, "1");
    Declared first = server.workspaceWithBudget(Plan.PRO, "2");
    server.execute(
        "UPDATE workspace SET slug = '%s' WHERE workspace_id = '%s'"
            .formatted(victim.id(), first.id()));

    ApiResponse reply = onlooker.get("/v1/workspaces/" + victim.id());

    assertThat(reply.json().path("id").asText()).isEqualTo(victim.id().toString());
  }

  @Test
  void theBooksOfAnArchivedWorkspaceAreReadByItsId() {
    Declared archived = server.workspace(Plan.SCALE);
    server.archive(archived);
    String path = "/v1/workspaces/" + archived.id();

    assertThat(onlooker.get(path + "/usage").status()).isEqualTo(200);
    assertThat(onCall.post(path + "/kill-switch", "{\"active\":true}").code())
        .isEqualTo("WORKSPACE_ARCHIVED");
    assertThat(onlooker.get(path(archived)).status()).isEqualTo(404);
  }

  @Test
  void theListShowsWhoSpendsAndWhoIsStopped() {
    Declared spender = server.workspace(Plan.SCALE);
    Declared stopped = server.workspace(Plan.SCALE);
    ApiClient team = server.caller(spender);
    String step =
        RunCalls.step(
            team, RunCalls.run(team, "{\"user_id\":\"alice\"}"), "{\"max_cost_usd\":900}");
    team.post(step + "/settle", "{\"cost_usd\":800.5}");
    onCall.post(path(stopped) + "/kill-switch", "{\"active\":true}");

    JsonNode dearest = onlooker.get("/v1/workspaces?sort=spent&limit=1").json();
    JsonNode next =
        onlooker
            .get("/v1/workspaces?sort=spent&limit=1&cursor=" + dearest.path("next_cursor").asText())
            .json();
    List<String> killed = ids(onlooker.get("/v1/workspaces?killed=true&limit=500").json());
    List<String> going = ids(onlooker.get("/v1/workspaces?killed=false&limit=500").json());
    List<String> all = ids(onlooker.get("/v1/workspaces?limit=500").json());

    JsonNode first = dearest.path("items").path(0);
    assertThat(first.path("id").asText()).isEqualTo(spender.id().toString());
    assertThat(first.path("spent_usd").decimalValue()).isEqualByComparingTo("800.5");
    assertThat(first.path("month_spent_usd").decimalValue()).isEqualByComparingTo("800.5");
    assertThat(first.path("active_runs").asInt()).isEqualTo(1);
    assertThat(next.path("items").path(0).path("spent_usd").decimalValue())
        .isLessThan(first.path("spent_usd").decimalValue());
    assertThat(killed).contains(stopped.id().toString()).doesNotContain(spender.id().toString());
    assertThat(going).contains(spender.id().toString()).doesNotContain(stopped.id().toString());
    assertThat(all).hasSize(killed.size() + going.size());
    assertThat(onlooker.get("/v1/workspaces?sort=name").status()).isEqualTo(400);
    assertThat(onlooker.get("/v1/workspaces?killed=yes").status()).isEqualTo(400);
  }

  private static List<String> ids(JsonNode list) {
    return list.path("items").findValuesAsText("id").stream()
        .map(UUID::fromString)
        .map(UUID::toString)
        .toList();
  }
}
