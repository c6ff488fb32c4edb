package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.SettingValues;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /v1/workspace/}: reading, PATCH and the kill switch. */
class WorkspaceHttpIT {
  private static final String PATH = "/v1/workspace/";
  private static final String KILL_SWITCH = "/v1/workspace/kill-switch";

  @Served private static ApiServer server;

  private static void declareKillSwitch(Declared workspace, boolean on) {
    server.declare(
        workspace.with(
            new DeclaredSettings(
                Plan.SCALE,
                SettingValues.NONE,
                Optional.of(on),
                Optional.of("frozen for the audit"))));
  }

  @Nested
  class Get {
    @Test
    void answersTheSevenFieldsThatAreInForce() {
      Declared workspace = server.workspaceWithBudget(Plan.SCALE, "100.5");

      ApiResponse reply = server.caller(workspace, Scope.WORKSPACE_READ).get(PATH);

      assertThat(reply.status()).isEqualTo(200);
      String name = workspace.manifest().identity().name();
      assertThat(reply.body())
          .isEqualTo(
              """
              {"id":"%s","name":"%s","slug":"%s","kill_switch":false,\
              "daily_budget_usd":100.5,"user_daily_budget_usd":null,"max_concurrent_runs":50}\
              """
                  .formatted(workspace.id(), name, name));
    }

    @Test
    void takesTheKeyAsABearerTokenToo() {
      Declared workspace = server.workspace(Plan.PRO);
      String key = server.key(workspace.id(), Scope.WORKSPACE_READ);

      ApiResponse reply =
          ApiClient.anonymous(server.port()).withHeader("Authorization", "Bearer " + key).get(PATH);

      assertThat(reply.status()).isEqualTo(200);
    }

    @Test
    void keepsTheEtagWhileNothingChanges() {
      ApiClient caller = server.caller(server.workspace(Plan.PRO));

      String before = caller.get(PATH).header("ETag");
      String same = caller.get("/v1/workspace").header("ETag");
      caller.patch(PATH, "{\"name\":\"Another\"}");
      String after = caller.get(PATH).header("ETag");

      assertThat(same).isEqualTo(before).matches("\"[A-Za-z0-9_-]{22}\"");
      assertThat(after).isNotEqualTo(before);
    }

    @Test
    void headIsGetWithoutTheBody() {
      ApiClient caller = server.caller(server.workspace(Plan.PRO));

      ApiResponse get = caller.get(PATH);
      ApiResponse head = caller.send("HEAD", PATH);

      assertThat(head.status()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(head.header("ETag")).isEqualTo(get.header("ETag"));
      assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
    }
  }

  @Nested
  class Patch {
    @ParameterizedTest(name = "{0} is kept as {1}")
    @CsvSource({
      "0, 0",
      "0.3, 0.3",
      "0.1, 0.1",
      "100.0, 100",
      "1e2, 100",
      "25.50, 25.5",
      "0.000001, 0.000001",
      "999999999.999999, 999999999.999999",
      "1000000000, 1000000000",
      "1E9, 1000000000",
      "-0, 0",
      "-0.0, 0",
      "null, null"
    })
    void keepsMoneyExactly(String sent, String answered) {
      ApiClient caller = server.caller(server.workspace(Plan.PRO));
      caller.patch(PATH, "{\"daily_budget_usd\":7}");

      ApiResponse reply = caller.patch(PATH, "{\"daily_budget_usd\":%s}".formatted(sent));

      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.body()).contains("\"daily_budget_usd\":" + answered + ",");
      assertThat(caller.get(PATH).body()).isEqualTo(reply.body());
    }

    @Test
    void changesAllFieldsAndNullReturnsThemToTheirDefaults() {
      Declared workspace = server.workspace(Plan.PRO);
      ApiClient caller = server.caller(workspace);
      String before = caller.get(PATH).body();

      ApiResponse changed =
          caller.patch(
              PATH,
              """
              {"name":"Ünïcode 🎉","daily_budget_usd":1,"user_daily_budget_usd":2,
               "max_concurrent_runs":4}\
              """);
      ApiResponse cleared =
          caller.patch(
              PATH,
              """
              {"name":null,"daily_budget_usd":null,"user_daily_budget_usd":null,
               "max_concurrent_runs":null}\
              """);

      assertThat(changed.json().path("name").asText()).isEqualTo("Ünïcode 🎉");
      assertThat(changed.json().path("max_concurrent_runs").asInt()).isEqualTo(4);
      assertThat(cleared.body()).isEqualTo(before);
    }

    @Test
    void changesNothingForAnEmptyObjectAndForTheAnswerOfGet() {
      ApiClient caller = server.caller(server.workspaceWithBudget(Plan.SCALE, "100"));
      ApiResponse before = caller.get(PATH);
      String layersBefore = caller.get("/v1/workspace/settings").body();
      String auditBefore = caller.get("/v1/audit").body();

      assertThat(caller.patch(PATH, "{}").body()).isEqualTo(before.body());
      assertThat(caller.patch(PATH, before.body()).body()).isEqualTo(before.body());

      assertThat(caller.get("/v1/workspace/settings").body()).isEqualTo(layersBefore);
      assertThat(caller.get("/v1/audit").body()).isEqualTo(auditBefore);
    }

    @Test
    void changesNothingIfOneFieldIsRefused() {
      Declared workspace = server.workspaceWithBudget(Plan.SCALE, "100");
      ApiClient caller = server.caller(workspace);
      String before = caller.get(PATH).body();

      ApiResponse reply = caller.patch(PATH, "{\"name\":\"Changed\",\"daily_budget_usd\":200}");

      assertThat(reply.status()).isEqualTo(409);
      assertThat(reply.code()).isEqualTo("FIELD_MANAGED_DECLARATIVELY");
      assertThat(reply.json().path("declared_by").asText()).isEqualTo(workspace.namespacedName());
      assertThat(reply.json().path("field").asText()).isEqualTo("daily_budget_usd");
      assertThat(reply.json().path("detail").asText())
          .contains(workspace.namespacedName(), "spec.dailyBudgetUsd");
      assertThat(caller.get(PATH).body()).isEqualTo(before);
    }

    @Test
    void listsEveryFieldThatThePlanDoesNotAllow() {
      ApiClient caller = server.caller(server.workspace(Plan.BASIC));

      ApiResponse reply =
          caller.patch(PATH, "{\"user_daily_budget_usd\":1,\"max_concurrent_runs\":10}");

      assertThat(reply.status()).isEqualTo(403);
      assertThat(reply.code()).isEqualTo("PLAN_UPGRADE_REQUIRED");
      assertThat(reply.json().path("required_plan").asText()).isEqualTo("Pro");
      assertThat(reply.pointers())
          .containsExactly("#/user_daily_budget_usd", "#/max_concurrent_runs");
    }

    @Test
    void acceptsReadOnlyFieldsOnlyAsTheyAre() {
      Declared workspace = server.workspace(Plan.PRO);
      ApiClient caller = server.caller(workspace);

      ApiResponse refused =
          caller.patch(
              PATH,
              "{\"id\":\"x\",\"slug\":\"y\",\"kill_switch\":true,\"daily_budget_usd\":\"1\",\"nam\":1}");
      ApiResponse accepted =
          caller.patch(
              PATH,
              "{\"id\":\"%s\",\"kill_switch\":false,\"name\":\"N\"}".formatted(workspace.id()));

      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.pointers())
          .containsExactlyInAnyOrder(
              "#/id", "#/slug", "#/kill_switch", "#/daily_budget_usd", "#/nam");
      assertThat(refused.body()).contains("Did you mean name?");
      assertThat(accepted.status()).isEqualTo(200);
    }

    /**
     * A resource's name stands in where no name is set, and it may be longer than a name may be.
     */
    @Test
    void acceptsItsOwnAnswerWithTheLongestResourceName() {
      String resourceName = "n".repeat(253);
      Declared workspace =
          server.declare(
              new Manifest(
                  new ResourceIdentity("default", "team", resourceName),
                  "uid-long-name",
                  1,
                  "long-name",
                  new DeclaredSettings(
                      Plan.PRO, SettingValues.NONE, Optional.empty(), Optional.empty()),
                  DeletionPolicy.RETAIN,
                  List.of(),
                  List.of()));
      ApiClient caller = server.caller(workspace);
      ApiResponse present = caller.get(PATH);

      ApiResponse same = caller.patch(PATH, present.body());
      ApiResponse longer = caller.patch(PATH, "{\"name\":\"%s\"}".formatted("n".repeat(252)));

      assertThat(present.json().path("name").asText()).isEqualTo(resourceName);
      assertThat(same.status()).as(same.body()).isEqualTo(200);
      assertThat(same.body()).isEqualTo(present.body());
      assertThat(longer.status()).isEqualTo(422);
      assertThat(longer.pointers()).containsExactly("#/name");
    }

    @Test
    void checksIfMatchBeforeTheRules() {
      ApiClient caller = server.caller(server.workspaceWithBudget(Plan.SCALE, "100"));
      String etag = caller.get(PATH).header("ETag");

      assertThat(patch(caller.withHeader("If-Match", "\"old\""), 100).status()).isEqualTo(412);
      assertThat(patch(caller.withHeader("If-Match", "\"old\""), 5).code())
          .isEqualTo("PRECONDITION_FAILED");
      assertThat(patch(caller.withHeader("If-Match", "W/" + etag), 100).status()).isEqualTo(412);
      assertThat(patch(caller.withHeader("If-Match", "\"old\", " + etag), 100).status())
          .isEqualTo(200);
      assertThat(patch(caller.withHeader("If-Match", "*"), 100).status()).isEqualTo(200);
      assertThat(patch(caller.withHeader("If-Match", etag), 5).status()).isEqualTo(409);
    }

    private static ApiResponse patch(ApiClient caller, int budget) {
      return caller.patch(PATH, "{\"daily_budget_usd\":%d}".formatted(budget));
    }
  }

  @Nested
  class KillSwitch {
    @Test
    void stopsAndGoesOn() {
      ApiClient caller = server.caller(server.workspace(Plan.SCALE));

      ApiResponse on =
          caller.post(KILL_SWITCH, "{\"active\":true,\"reason\":\"an agent runs wild\"}");
      ApiResponse settings = caller.get("/v1/workspace/settings");
      ApiResponse off = caller.post(KILL_SWITCH, "{\"active\":false}");

      assertThat(on.json().path("kill_switch").asBoolean()).isTrue();
      assertThat(settings.json().path("latches").path(0).path("reason").asText())
          .isEqualTo("an agent runs wild");
      assertThat(settings.json().path("kill_switch").path("source").asText()).isEqualTo("Runtime");
      assertThat(off.json().path("kill_switch").asBoolean()).isFalse();
    }

    @Test
    void needsAPlanThatHasIt() {
      ApiResponse reply =
          server.caller(server.workspace(Plan.PRO)).post(KILL_SWITCH, "{\"active\":true}");

      assertThat(reply.status()).isEqualTo(403);
      assertThat(reply.json().path("field").asText()).isEqualTo("kill_switch");
      assertThat(reply.pointers()).isEqualTo(List.of("#/active"));
    }

    @Test
    void isNotReleasedWhileTheManifestHoldsIt() {
      Declared workspace = server.workspace(Plan.SCALE);
      declareKillSwitch(workspace, true);
      ApiClient caller = server.caller(workspace);

      ApiResponse reply = caller.post(KILL_SWITCH, "{\"active\":false}");

      assertThat(reply.status()).isEqualTo(409);
      assertThat(reply.code()).isEqualTo("KILL_SWITCH_DECLARED");
      assertThat(reply.json().path("reason").asText()).isEqualTo("frozen for the audit");
      assertThat(caller.get(PATH).json().path("kill_switch").asBoolean()).isTrue();
    }

    /** Whoever follows the advice must not find the workspace stopped still, without a word. */
    @Test
    void thatTheManifestHoldsTooIsToldWithTheWholeWayOut() {
      Declared workspace = server.workspace(Plan.SCALE);
      ApiClient caller = server.caller(workspace);
      caller.post(KILL_SWITCH, "{\"active\":true}");
      declareKillSwitch(workspace, true);

      ApiResponse reply = caller.post(KILL_SWITCH, "{\"active\":false}");

      assertThat(reply.code()).isEqualTo("KILL_SWITCH_DECLARED");
      assertThat(reply.json().path("detail").asText())
          .contains("Set spec.killSwitch to false there, then release it here again");
    }

    @Test
    void saysWhatIsWrongWithTheBody() {
      ApiClient caller = server.caller(server.workspace(Plan.SCALE));

      ApiResponse reply = caller.post(KILL_SWITCH, "{\"activ\":true,\"reason\":7}");

      assertThat(reply.status()).isEqualTo(422);
      assertThat(reply.pointers()).containsExactlyInAnyOrder("#/activ", "#/active", "#/reason");
    }
  }
}
