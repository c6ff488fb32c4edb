package dev.workspaceoperator.env;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver with its etcd, on 127.0.0.1 only.
 *
 * <p>RBAC decides, anonymous access is off, service account tokens are issued under the server's
 * own URL, and there is no controller: namespaces never go away, owner references collect nothing
 * (see {@link KubeControllerManager}). One data directory has one server at a time; it can be
 * started again on what it kept, at the same URL while this object lives.
 */
public final class KubeApiServer implements AutoCloseable {
  /**
   * Its certificate in the data directory, followed by its authority's; it makes one where there is
   * none.
   */
  public static final String CERTIFICATE = "apiserver.crt";

  /** The certificate's key. */
  public static final String KEY = "apiserver.key";

  private static final String ETCD = "etcd";
  private static final String KUBE_APISERVER = "kube-apiserver";
  private static final Duration START_BOUND = Duration.ofMinutes(2);

  /**
   * kube-apiserver waits for open watches as long as it may; it keeps nothing that could be lost.
   */
  private static final Duration API_SERVER_GRACE = Duration.ofSeconds(2);

  private static final Duration ETCD_GRACE = Duration.ofSeconds(10);
  private static final int PORT_TRIES = 3;

  private final KubeApiServerSpec spec;
  private final KubeBinaries binaries;
  private final Consumer<String> progress;
  private final FileMutex mutex;
  private final ServerCredentials credentials;
  private final ServingCertificate certificate;
  private final Thread exitHook = new Thread(this::stopAll, "kube-apiserver-exit");

  private int apiServerPort;
  private int etcdPort;
  private @Nullable EmbeddedProcess etcd;
  private @Nullable EmbeddedProcess apiServer;

  private KubeApiServer(
      KubeApiServerSpec spec, KubeBinaries binaries, Consumer<String> progress, FileMutex mutex) {
    this.spec = spec;
    this.binaries = binaries;
    this.progress = progress;
    this.mutex = mutex;
    this.credentials = ServerCredentials.loadOrCreate(spec.dataDirectory());
    this.certificate = new ServingCertificate(spec.dataDirectory());
  }

  /**
   * Starts a server and waits until it is ready.
   *
   * @throws KubeUnavailableException when a port is taken, the directory is in use, or the server
   *     does not become ready; the message has the end of its log
   */
  public static KubeApiServer start(
      KubeApiServerSpec spec, KubeBinaries binaries, Consumer<String> progress)
      throws InterruptedException {
    Path directory = spec.dataDirectory();
    PrivateFiles.createDirectory(directory);
    FileMutex mutex =
        FileMutex.tryAcquire(directory.resolve("lock"))
            .orElseThrow(() ->
                new KubeUnavailableException(
                    directory + " is in use by another running server; stop that first."));
    KubeApiServer server = null;
    boolean started = false;
    try {
      EmbeddedProcess.stopOrphan(KUBE_APISERVER, directory, progress);
      EmbeddedProcess.stopOrphan(ETCD, directory, progress);
      server = new KubeApiServer(spec, binaries, progress, mutex);
      server.certificate.discardIfExpiring(Instant.now());
      server.startOnAnyPorts();
      if (spec.atExit() == KubeApiServerSpec.AtExit.STOPS_ITSELF) {
        Runtime.getRuntime().addShutdownHook(server.exitHook);
      }
      started = true;
      return server;
    } finally {
      if (!started) {
        if (server != null) {
          server.stopAll();
        }
        mutex.close();
      }
    }
  }

  /** Between the choice of a free port and its use another process can take it: then once more. */
  private void startOnAnyPorts() throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      etcdPort = port(ETCD, spec.etcdPort());
      apiServerPort = port(KUBE_APISERVER, spec.apiServerPort());
      try {
        start();
        return;
      } catch (KubeUnavailableException e) {
        boolean portTaken = String.valueOf(e.getMessage()).contains("address already in use");
        if (!portTaken || attempt == PORT_TRIES) {
          throw e;
        }
        stop();
      }
    }
  }

  private static int port(String name, int wanted) {
    if (wanted == KubeApiServerSpec.FREE_PORT) {
      return FreePort.find();
    }
    if (!FreePort.isFree(wanted)) {
      throw new KubeUnavailableException(
          "Port %d of 127.0.0.1, meant for %s, is taken: stop what uses it, or choose another port."
              .formatted(wanted, name));
    }
    return wanted;
  }

  /** Starts what is not running, on the same data and ports, and waits until it is ready. */
  public synchronized void start() throws InterruptedException {
    if (etcd == null || !etcd.isAlive()) {
      etcd = startEtcd();
    }
    if (apiServer == null || !apiServer.isAlive()) {
      apiServer = startApiServer();
    }
  }

  /** Stops both in good order; {@link #start()} goes on with the same data. */
  public synchronized void stop() throws InterruptedException {
    if (apiServer != null) {
      apiServer.stop(API_SERVER_GRACE);
    }
    if (etcd != null) {
      etcd.stop(ETCD_GRACE);
    }
  }

  /** kill -9 of kube-apiserver alone; {@link #start()} brings it back. */
  public synchronized void killApiServer() throws InterruptedException {
    if (apiServer != null) {
      apiServer.kill();
    }
  }

  /** kill -9 of etcd alone: the API server stays up and answers errors. */
  public synchronized void killEtcd() throws InterruptedException {
    if (etcd != null) {
      etcd.kill();
    }
  }

  public synchronized boolean isRunning() {
    return etcd != null && etcd.isAlive() && apiServer != null && apiServer.isAlive();
  }

  /** As in {@code https://127.0.0.1:26443}; also the issuer of service account tokens. */
  public String url() {
    return "https://127.0.0.1:" + apiServerPort;
  }

  /** Access as administrator; mode 0600. */
  public Path kubeconfig() {
    return spec.dataDirectory().resolve("kubeconfig");
  }

  /** What its certificate is checked with, in PEM. */
  public String certificateAuthority() {
    return certificate.pem();
  }

  /** A kubectl that fits the server. */
  public Path kubectlProgram() {
    return binaries.kubectl();
  }

  /** Written only with an audit policy. */
  public Path auditLog() {
    return ServerCommands.auditLog(spec);
  }

  public KubeApiServerSpec spec() {
    return spec;
  }

  KubeBinaries binaries() {
    return binaries;
  }

  /** Runs kubectl as administrator, for at most 90 seconds. */
  public CommandResult kubectl(String... arguments) throws InterruptedException {
    return kubectlWithInput("", arguments);
  }

  /** The same with standard input, as for {@code apply -f -}. */
  public CommandResult kubectlWithInput(String stdin, String... arguments)
      throws InterruptedException {
    return new Kubectl(
            binaries.kubectl(), kubeconfig(), spec.dataDirectory().resolve("kubectl-cache"))
        .runWithInput(stdin, arguments);
  }

  /** Stops both and gives the data directory free. Calling it again does nothing. */
  @Override
  public void close() {
    stopAll();
    try {
      Runtime.getRuntime().removeShutdownHook(exitHook);
    } catch (IllegalStateException e) {
      // The JVM is on its way out: the hook finds nothing left to stop.
    }
    mutex.close();
  }

  private synchronized void stopAll() {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      // The watchdogs stop them when this JVM ends.
    }
  }

  private EmbeddedProcess startEtcd() throws InterruptedException {
    progress.accept("etcd: starting on 127.0.0.1:" + etcdPort);
    EmbeddedProcess process = launch(ETCD, ServerCommands.etcd(binaries.etcd(), spec, etcdPort));
    etcd = process;
    String health = "http://127.0.0.1:" + etcdPort + "/health";
    try (HttpClient client = Readiness.client().build()) {
      Readiness.await(
          ETCD, process, START_BOUND, () -> Readiness.answersOk(client, health, "none"));
    }
    return process;
  }

  private EmbeddedProcess startApiServer() throws InterruptedException {
    progress.accept("kube-apiserver: starting on " + url());
    EmbeddedProcess process =
        launch(
            KUBE_APISERVER,
            ServerCommands.kubeApiServer(
                binaries.kubeApiserver(), spec, credentials, url(), apiServerPort, etcdPort));
    apiServer = process;
    try (ReadyProbe probe = new ReadyProbe(url(), certificate, credentials.adminToken())) {
      Readiness.await(KUBE_APISERVER, process, START_BOUND, probe);
    }
    Kubeconfig.write(kubeconfig(), url(), certificate, credentials.adminToken());
    progress.accept("kube-apiserver: ready");
    return process;
  }

  private EmbeddedProcess launch(String name, List<String> command) {
    return EmbeddedProcess.start(name, command, spec.dataDirectory(), progress);
  }
}
