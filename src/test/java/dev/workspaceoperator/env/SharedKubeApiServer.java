package dev.workspaceoperator.env;

import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One API server for all tests of a JVM, started when the first asks; gone with its data when the
 * JVM ends. A test keeps to namespaces of its own and leaves the server running.
 */
public final class SharedKubeApiServer {
  private static @Nullable KubeApiServer server;
  private static @Nullable String failure;

  private SharedKubeApiServer() {}

  /** The server; after a failed start the same failure again, at once. */
  public static synchronized KubeApiServer get() throws InterruptedException {
    if (failure != null) {
      throw new KubeUnavailableException("The shared API server did not start: " + failure);
    }
    if (server == null) {
      try {
        server = start();
      } catch (RuntimeException e) {
        failure = String.valueOf(e.getMessage());
        throw e;
      }
    }
    return server;
  }

  private static KubeApiServer start() throws InterruptedException {
    return startOwn(UnaryOperator.identity());
  }

  /** A throw-away server for tests that change what all share; it is gone when the JVM ends. */
  public static KubeApiServer startOwn(UnaryOperator<KubeApiServerSpec> changes)
      throws InterruptedException {
    Consumer<String> progress = System.err::println;
    KubeBinaries binaries = KubeBinaries.locate(progress);
    Path directory = ThrowawayDirectory.create();
    KubeApiServerSpec spec = KubeApiServerSpec.throwaway(directory).stoppedByCaller();
    KubeApiServer started = KubeApiServer.start(changes.apply(spec), binaries, progress);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  started.close();
                  Trees.delete(directory);
                },
                "kube-apiserver-exit"));
    return started;
  }
}
