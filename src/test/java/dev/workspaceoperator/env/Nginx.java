package dev.workspaceoperator.env;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A real nginx on this machine, with one worker. Never outlives this JVM.
 *
 * <p>{@code -Dnginx=/path/to/nginx} names another one than the machine's.
 */
public final class Nginx implements AutoCloseable {
  private static final String GIVEN_PROGRAM = "nginx";
  private static final Path FINDER = Path.of("src/test/nginx/find").toAbsolutePath();
  private static final Duration FIND_BOUND = Duration.ofMinutes(4);
  private static final Duration START_BOUND = Duration.ofSeconds(20);
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);

  private final EmbeddedProcess process;

  private Nginx(EmbeddedProcess process) {
    this.process = process;
  }

  /**
   * The program; empty if there is none and none can be had.
   *
   * @param progress told why there is none
   */
  public static Optional<String> find(Consumer<String> progress) throws InterruptedException {
    String given = System.getProperty(GIVEN_PROGRAM);
    if (given != null) {
      return Optional.of(given);
    }
    CommandResult found = CommandResult.of(new ProcessBuilder(FINDER.toString()), "", FIND_BOUND);
    if (found.exitCode() != 0) {
      progress.accept(found.stderr().strip());
      return Optional.empty();
    }
    return Optional.of(found.stdout().strip());
  }

  /**
   * Starts it, and returns once it listens.
   *
   * @param directory for its files
   * @param http what its configuration has in {@code http}
   * @param port that it listens on by that
   */
  public static Nginx start(
      String program, Path directory, String http, int port, Consumer<String> progress)
      throws InterruptedException {
    Path configuration = directory.resolve("nginx.conf");
    PrivateFiles.createDirectory(directory);
    PrivateFiles.write(
        configuration,
        """
        daemon off;
        user root;
        pid nginx.pid;
        error_log stderr info;
        events { worker_connections 256; }
        http {
        access_log off;
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
        %s
        }
        """
            .formatted(http));
    Nginx started =
        new Nginx(
            EmbeddedProcess.start(
                "nginx",
                List.of(
                    program,
                    "-e",
                    "stderr",
                    "-p",
                    directory.toString(),
                    "-c",
                    configuration.toString()),
                directory,
                progress));
    try {
      Readiness.await("nginx", started.process, START_BOUND, () -> answers(port));
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
