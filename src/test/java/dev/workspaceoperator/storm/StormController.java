package dev.workspaceoperator.storm;

import dev.workspaceoperator.app.RoleProcess;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.KubeApiServerSpec;
import dev.workspaceoperator.env.KubeBinaries;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A leading controller on an API server of its own, and one Workspace whose budget is changed to
 * see whether it keeps up.
 */
final class StormController implements AutoCloseable {
  private static final String NAMESPACE = "storm";
  private static final String NAME = "declared";
  private static final String TIMEOUT = "--timeout=60s";

  private final KubeApiServer server;
  private final RoleProcess process;
  private int budget = 1;

  private StormController(KubeApiServer server, RoleProcess process) {
    this.server = server;
    this.process = process;
  }

  /** Starts both, and waits until the Workspace is in force. */
  static StormController start(Path directory, String databaseUrl, Consumer<String> progress)
      throws InterruptedException {
    KubeApiServer server =
        KubeApiServer.start(
            KubeApiServerSpec.throwaway(directory.resolve("kube")),
            KubeBinaries.locate(progress),
            progress);
    WorkspaceCrd.install(server);
    server.kubectl("create", "namespace", NAMESPACE).orThrow();
    Path log = directory.resolve("controller");
    if (!log.toFile().mkdirs()) {
      throw new IllegalStateException("cannot make " + log);
    }
    RoleProcess process =
        RoleProcess.start(
            "controller",
            List.of(),
            log,
            List.of(
                "--database-url=" + databaseUrl,
                "--kubeconfig=" + server.kubeconfig(),
                "--cluster-name=storm",
                "--namespaces=" + NAMESPACE,
                "--leader-election-namespace=" + NAMESPACE));
    server
        .kubectlWithInput(
            """
            apiVersion: workspace-operator.dev/v1
            kind: Workspace
            metadata: {name: %s, namespace: %s}
            spec: {name: Declared, plan: Scale, dailyBudgetUsd: 1}
            """
                .formatted(NAME, NAMESPACE),
            "create",
            "-f",
            "-")
        .orThrow();
    StormController controller = new StormController(server, process);
    controller.awaitInForce();
    return controller;
  }

  /** Changes the budget in the manifest, and waits until that is in force. */
  void change() throws InterruptedException {
    budget++;
    server
        .kubectl(
            "patch",
            "workspace",
            NAME,
            "--namespace=" + NAMESPACE,
            "--type=merge",
            "--patch={\"spec\":{\"dailyBudgetUsd\":%d}}".formatted(budget))
        .orThrow();
    awaitInForce();
  }

  private void awaitInForce() throws InterruptedException {
    String _ =
        server
            .kubectl(
                "wait",
                "workspace",
                NAME,
                "--namespace=" + NAMESPACE,
                "--for=jsonpath={.status.effective.dailyBudgetUsd.value}=" + budget,
                TIMEOUT)
            .orThrow();
  }

  /** The end of its log. */
  String log() {
    return process.log();
  }

  @Override
  public void close() {
    try {
      process.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      server.close();
    }
  }
}
