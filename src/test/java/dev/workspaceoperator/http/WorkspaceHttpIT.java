package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.http.ApiClient.Reply;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code GET /v1/workspace/}. */
class WorkspaceHttpIT {
  private static ApiServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    server = ApiServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void answersTheSevenFieldsThatAreInForce() {
    ApiServer.Declared workspace = server.workspaceWithBudget(Plan.SCALE, "100.5");

    Reply reply =
        ApiClient.with(server.port(), server.key(workspace.id(), Scope.WORKSPACE_READ))
            .get("/v1/workspace/");

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
}
