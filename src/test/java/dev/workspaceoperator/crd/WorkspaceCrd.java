package dev.workspaceoperator.crd;

import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.KubeApiServer;
import java.time.Duration;

/** Installs the CRD of this repository on an API server. */
public final class WorkspaceCrd {
  private WorkspaceCrd() {}

  /** Installs it and waits until workspaces can be made; doing it again changes nothing. */
  public static void install(KubeApiServer server) throws InterruptedException {
    server
        .kubectl("apply", "--server-side", "--force-conflicts", "-f", CrdGenerator.FILE.toString())
        .orThrow();
    // Not kubectl wait: it fails where the definition has no condition yet.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.kubectl("get", "workspaces", "-A").exitCode() == 0);
  }

  /** Makes a namespace for one test class; there already: nothing. */
  static void createNamespace(KubeApiServer server, String name) throws InterruptedException {
    server
        .kubectlWithInput(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}".formatted(name),
            "apply",
            "--server-side",
            "-f",
            "-")
        .orThrow();
  }
}
