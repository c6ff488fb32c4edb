package dev.workspaceoperator.env;

import dev.workspaceoperator.digest.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a node needs for {@code kubectl port-forward}, and nothing else of it: the code of the real
 * kubelet, which leads to a port of this machine whatever the pod is. Never outlives this JVM.
 *
 * <p>It is {@code tools/kubelet}, from the cache, else built from source.
 */
public final class ForwardingKubelet implements AutoCloseable {
  private static final String KUBELET = "kubelet";
  private static final String TITLE = "The kubelet's port-forward";
  private static final Map<String, String> PACKAGES =
      Map.of(KUBELET, "dev.workspaceoperator/tools/kubelet");
  private static final Duration START_BOUND = Duration.ofSeconds(20);
  private static final Duration STOP_GRACE = Duration.ofSeconds(2);

  private final EmbeddedProcess process;
  private final int port;

  private ForwardingKubelet(EmbeddedProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts one, and returns once it listens.
   *
   * @param directory for its log
   * @param to the port of this machine that every pod's port leads to
   * @throws KubeUnavailableException when there is no way; says what to install
   */
  public static ForwardingKubelet start(Path directory, int to, Consumer<String> progress)
      throws InterruptedException {
    Path program = locate(progress);
    int port = FreePort.find();
    ForwardingKubelet started =
        new ForwardingKubelet(
            EmbeddedProcess.start(
                KUBELET,
                List.of(program.toString(), "127.0.0.1:" + port, "127.0.0.1:" + to),
                directory,
                progress),
            port);
    Readiness.await(KUBELET, started.process, START_BOUND, () -> answers(port));
    return started;
  }

  private static Path locate(Consumer<String> progress) throws InterruptedException {
    PinnedModule module = PinnedModule.forwardingKubelet();
    ProgramCache cache = ProgramCache.ofUser(TITLE, KUBELET, version(module));
    List<String> program = List.of(KUBELET);
    if (!cache.has(program)) {
      Path go =
          GoBuild.go()
              .orElseThrow(() ->
                  new KubeUnavailableException(
                      "No %s in %s, and no go to build it. Install Go 1.26 or newer."
                          .formatted(KUBELET, cache.directory())));
      Optional<FileMutex> mutex = cache.lock(() -> cache.has(program), progress);
      if (mutex.isPresent()) {
        try (FileMutex _ = mutex.get()) {
          new GoBuild(TITLE, module, PACKAGES, List.of(), progress).buildInto(cache, go, program);
        }
      }
    }
    return cache.directory().resolve(KUBELET);
  }

  /** What is built is of this repository, too: one of another text is another one. */
  private static String version(PinnedModule module) {
    try {
      byte[] source = Files.readAllBytes(module.directory().resolve("main.go"));
      return module.version() + "-" + HexFormat.of().formatHex(Sha256.of(source), 0, 6);
    } catch (IOException e) {
      throw new KubeUnavailableException("Cannot read main.go in " + module.directory(), e);
    }
  }

  private static boolean answers(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    }
  }

  /** Where the API server finds it. */
  public int port() {
    return port;
  }

  @Override
  public void close() {
    try {
      process.stop(STOP_GRACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
