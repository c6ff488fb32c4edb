package dev.workspaceoperator.crd;

import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeApiServer;
import java.nio.file.Path;
import java.time.Duration;

/** Installs the CRD of this repository on an API server. */
public final class WorkspaceCrd {
  private WorkspaceCrd() {}

  /** How kubectl is run with arguments. */
  @FunctionalInterface
  public interface Command {
    CommandResult run(String... arguments) throws InterruptedException;
  }

  /** Installs it and waits until workspaces can be made; doing it again changes nothing. */
  public static void install(KubeApiServer server) throws InterruptedException {
    install(server::kubectl, CrdGenerator.FILE);
  }

  /** As {@link #install(KubeApiServer)}, from this file or folder. */
  public static void install(Command kubectl, Path file) throws InterruptedException {
    kubectl.run("apply", "--server-side", "--force-conflicts", "-f", file.toString()).orThrow();
    awaitServed(kubectl);
  }

  /**
   * Waits until workspaces can be made; not by kubectl wait: that fails before there is a
   * condition.
   */
  public static void awaitServed(Command kubectl) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> kubectl.run("get", "workspaces", "-A").exitCode() == 0);
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
