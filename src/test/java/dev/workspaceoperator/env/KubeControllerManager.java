package dev.workspaceoperator.env;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The few controllers some tests need: namespaces end, owner references collect, {@code admin},
 * {@code edit} and {@code view} aggregate, namespaces get their default service account, admission
 * policies are type-checked.
 */
public final class KubeControllerManager implements AutoCloseable {
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);

  private final EmbeddedProcess process;

  private KubeControllerManager(EmbeddedProcess process) {
    this.process = process;
  }

  /** Starts it beside the server; the program is built when it is first needed (minutes). */
  public static KubeControllerManager start(KubeApiServer server, Consumer<String> progress)
      throws InterruptedException {
    String program = server.binaries().kubeControllerManager().toString();
    String name = KubeBinaries.KUBE_CONTROLLER_MANAGER;
    EmbeddedProcess.stopOrphan(name, server.spec().dataDirectory(), progress);
    return new KubeControllerManager(
        EmbeddedProcess.start(
            name,
            List.of(
                program,
                "--kubeconfig=" + server.kubeconfig(),
                "--controllers=namespace-controller,garbage-collector-controller,"
                    + "clusterrole-aggregation-controller,serviceaccount-controller,"
                    + "validatingadmissionpolicy-status-controller",
                "--leader-elect=false",
                "--secure-port=0"),
            server.spec().dataDirectory(),
            progress));
  }

  @Override
  public void close() {
    try {
      process.stop(STOP_GRACE);
    } catch (InterruptedException e) {
      // Its watchdog stops it when this JVM ends.
      Thread.currentThread().interrupt();
    }
  }
}
