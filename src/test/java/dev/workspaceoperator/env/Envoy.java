package dev.workspaceoperator.env;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** A real Envoy on this machine. Never outlives this JVM. */
public final class Envoy implements AutoCloseable {
  private static final Duration START_BOUND = Duration.ofSeconds(30);
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);

  private final EmbeddedProcess process;

  private Envoy(EmbeddedProcess process) {
    this.process = process;
  }

  /**
   * Starts it, and returns once it listens.
   *
   * @param directory for its files
   * @param configuration its bootstrap, in YAML
   * @param port that it listens on by that
   */
  public static Envoy start(
      Path program, Path directory, String configuration, int port, Consumer<String> progress)
      throws InterruptedException {
    PrivateFiles.createDirectory(directory);
    Path file = directory.resolve("envoy.yaml");
    PrivateFiles.write(file, configuration);
    Envoy started =
        new Envoy(
            EmbeddedProcess.start(
                "envoy",
                List.of(
                    program.toString(),
                    "-c",
                    file.toString(),
                    // Several on one machine share nothing.
                    "--disable-hot-restart",
                    "--concurrency",
                    "2",
                    "--log-level",
                    "warning"),
                directory,
                progress));
    try {
      Readiness.await("envoy", started.process, START_BOUND, () -> answers(port));
    } catch (KubeUnavailableException e) {
      started.close();
      throw e;
    }
    return started;
  }

  /** What it said last. */
  public String logTail() {
    return process.logTail();
  }

  /** As SIGKILL does: entries of its access log that it holds are lost. */
  public void kill() throws InterruptedException {
    process.kill();
  }

  @Override
  public void close() {
    try {
      process.stop(STOP_GRACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean answers(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    }
  }
}
