package dev.workspaceoperator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedKubeApiServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExamplesIT {
  private static KubeApiServer server;

  @BeforeAll
  static void install() throws InterruptedException {
    server = SharedKubeApiServer.get();
    WorkspaceCrd.install(server);
  }

  @Test
  void theQuickstartIsAppliedAtOnceAndAgain() throws InterruptedException {
    assertThat(server.kubectl("apply", "-f", "examples/quickstart").orThrow())
        .contains("namespace/quickstart", "workspace.workspace-operator.dev/quickstart");
    assertThat(server.kubectl("apply", "-f", "examples/quickstart").orThrow())
        .contains("workspace.workspace-operator.dev/quickstart unchanged");
  }

  @Test
  void aWorkspaceThatNamesReceiversIsAppliedAtOnceAndAgain() throws InterruptedException {
    String file = "examples/notifications/workspace.yaml";
    server.kubectl("apply", "-f", file).orThrow();
    assertThat(server.kubectl("apply", "-f", file).orThrow())
        .contains("workspace.workspace-operator.dev/team-a unchanged");
  }

  @ParameterizedTest
  @ValueSource(strings = {"basic", "pro", "scale", "enterprise"})
  void eachPlanHasAnExample(String plan) throws InterruptedException {
    WorkspaceCrd.createNamespace(server, "examples-" + plan);
    apply("examples-" + plan, plan).orThrow();
  }

  @Test
  void aDowngradeIsAcceptedAfterProAndRefusedOnItsOwn() throws InterruptedException {
    WorkspaceCrd.createNamespace(server, "examples-downgrade");
    CommandResult alone = apply("examples-downgrade", "downgrade");
    assertThat(alone.exitCode()).isNotZero();
    assertThat(alone.stderr())
        .contains("spec.userDailyBudgetUsd: Forbidden", "spec.maxConcurrentRuns: Forbidden");

    apply("examples-downgrade", "pro").orThrow();
    apply("examples-downgrade", "downgrade").orThrow();
  }

  private static CommandResult apply(String namespace, String plan) throws InterruptedException {
    return server.kubectl("apply", "-n", namespace, "-f", "examples/plans/%s.yaml".formatted(plan));
  }
}
