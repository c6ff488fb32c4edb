package dev.workspaceoperator.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KubeApiServerIT {
  @Test
  void sharedServerAnswersKubectlAndTheJavaClient() throws Exception {
    KubeApiServer server = SharedKubeApiServer.get();

    assertThat(server.kubectl("get", "namespaces", "-o", "name").orThrow())
        .contains("namespace/default");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.kubeconfig())))
        .isEqualTo("rw-------");
    Config config = Config.fromKubeconfig(server.kubeconfig().toFile());
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      assertThat(client.namespaces().withName("default").get()).isNotNull();
      assertThat(client.getKubernetesVersion().getMinor()).isNotBlank();
    }
    assertThat(SharedKubeApiServer.get()).isSameAs(server);
  }

  @Test
  void serviceAccountsGetTokensThatOnlyRbacMakesUseful() throws Exception {
    KubeApiServer server = SharedKubeApiServer.get();
    server.kubectl("create", "serviceaccount", "env-it").orThrow();
    String token = server.kubectl("create", "token", "env-it").orThrow().strip();

    assertThat(asBearer(server, token, "auth", "whoami", "-o", "yaml").orThrow())
        .contains("system:serviceaccount:default:env-it");
    assertThat(asBearer(server, token, "get", "secrets").stderr()).contains("Forbidden");
    assertThat(asBearer(server, "wrong", "get", "secrets").stderr()).contains("Unauthorized");
  }

  @Test
  @Tag("long")
  void keepsItsDataAndUrlOverCrashAndRestartAndWritesAnAuditLogWhenAsked(
      @TempDir Path data, @TempDir Path policies) throws Exception {
    Path policy =
        Files.writeString(
            policies.resolve("policy.yaml"),
            """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            rules:
              - level: Metadata
            """);
    try (KubeApiServer server = start(KubeApiServerSpec.throwaway(data).withAuditPolicy(policy))) {
      String url = server.url();
      server.kubectl("create", "namespace", "kept").orThrow();
      assertThat(Files.readString(server.auditLog())).contains("\"name\":\"kept\"");

      server.killApiServer();
      assertThat(server.isRunning()).isFalse();
      assertThat(server.kubectl("get", "namespace", "kept").exitCode()).isNotZero();
      server.start();
      assertThat(server.url()).isEqualTo(url);
      server.kubectl("get", "namespace", "kept").orThrow();

      server.stop();
      server.start();
      server.kubectl("get", "namespace", "kept").orThrow();
    }
    int apiServerPort = FreePort.find();
    KubeApiServerSpec stable = KubeApiServerSpec.durable(data, apiServerPort, FreePort.find());
    try (KubeApiServer server = start(stable)) {
      assertThat(server.url()).endsWith(":" + apiServerPort);
      server.kubectl("get", "namespace", "kept").orThrow();
      assertThatThrownBy(() -> start(stable))
          .isInstanceOf(KubeUnavailableException.class)
          .hasMessageContaining("in use by another running server");
    }
    assertThat(serverPids(data)).isEmpty();
  }

  @Test
  void takenPortIsAClearError(@TempDir Path data) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      KubeApiServerSpec spec =
          KubeApiServerSpec.durable(data, taken.getLocalPort(), FreePort.find());

      assertThatThrownBy(() -> start(spec))
          .isInstanceOf(KubeUnavailableException.class)
          .hasMessageContaining(taken.getLocalPort() + " of 127.0.0.1")
          .hasMessageContaining("is taken");
    }
  }

  @Test
  void refusedFlagIsAnErrorWithTheLogsEnd(@TempDir Path data) {
    assertThatThrownBy(() -> start(KubeApiServerSpec.throwaway(data).withFlags("--no-such-flag")))
        .isInstanceOf(KubeUnavailableException.class)
        .hasMessageContaining("unknown flag: --no-such-flag");
    assertThat(serverPids(data)).isEmpty();
  }

  @Test
  @Tag("long")
  void leavesNothingRunningWhenItsJvmIsKilled(@TempDir Path data) throws Exception {
    Path output = data.resolve("jvm.log");
    Process jvm =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                KubeApiServerIT.class.getName(),
                data.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      await()
          .atMost(Duration.ofMinutes(2))
          .failFast("the JVM ended by itself", () -> !jvm.isAlive())
          .untilAsserted(() -> assertThat(output).content().contains("kube-apiserver: ready"));
      assertThat(serverPids(data)).hasSize(2);
    } finally {
      jvm.destroyForcibly();
    }

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(serverPids(data)).isEmpty());
    start(KubeApiServerSpec.throwaway(data)).close();
  }

  /** The JVM to be killed: starts a server on the given directory and waits. */
  public static void main(String[] arguments) throws InterruptedException {
    start(KubeApiServerSpec.throwaway(Path.of(arguments[0])));
    Thread.sleep(Duration.ofMinutes(5));
  }

  private static KubeApiServer start(KubeApiServerSpec spec) throws InterruptedException {
    return KubeApiServer.start(spec, KubeBinaries.locate(System.err::println), System.err::println);
  }

  private static CommandResult asBearer(KubeApiServer server, String token, String... arguments)
      throws InterruptedException {
    String[] all =
        Stream.concat(
                Stream.of(arguments),
                Stream.of(
                    "--kubeconfig=/dev/null",
                    "--server=" + server.url(),
                    "--certificate-authority="
                        + server.kubeconfig().resolveSibling("apiserver.crt"),
                    "--token=" + token))
            .toArray(String[]::new);
    return server.kubectl(all);
  }

  private static List<Long> serverPids(Path data) {
    return ProcessHandle.allProcesses()
        .filter(process ->
            process
                .info()
                .commandLine()
                .filter(line ->
                    line.contains("--data-dir=" + data) || line.contains("--cert-dir=" + data))
                .isPresent())
        .map(ProcessHandle::pid)
        .toList();
  }
}
