package dev.workspaceoperator.attacks;

import dev.workspaceoperator.app.RoleProcess;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.KubeApiServerSpec;
import dev.workspaceoperator.env.KubeBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Workspaces that are applied and deleted in a loop, by four kubectls, while a controller follows
 * on the same PostgreSQL.
 */
final class ManifestLoop implements Assault {
  private static final int LOOPS = 4;
  private static final String NAMESPACE = "attack";

  private static final String LOOP =
      """
      while :; do
        "$1" --kubeconfig="$2" create -f "$3"
        "$1" --kubeconfig="$2" delete --wait=false -f "$3"
      done
      """;

  private final AttackLab lab;
  private final KubeApiServer server;
  private final Path directory;
  private final int count;
  private final List<Process> loops = new ArrayList<>();
  private final RoleProcess controller;

  private ManifestLoop(AttackLab lab, KubeApiServer server, Path directory, int count) {
    this.lab = lab;
    this.server = server;
    this.directory = directory;
    this.count = count;
    this.controller = startController();
  }

  static Assault prepare(AttackLab lab, Sizes sizes) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(lab.directory(), "kube-");
    KubeApiServer server =
        KubeApiServer.start(
            KubeApiServerSpec.throwaway(directory.resolve("server")),
            KubeBinaries.locate(System.err::println),
            System.err::println);
    WorkspaceCrd.install(server);
    server.kubectl("create", "namespace", NAMESPACE).orThrow();
    // All of these have machines of their own in a cluster: what they share with the replica is the
    // store.
    for (String program : List.of("etcd", "kube-apiserver")) {
      Path pid = server.spec().dataDirectory().resolve(program + ".pid");
      Background.moveElsewhere(Long.parseLong(Files.readString(pid).strip()));
    }
    ManifestLoop manifests = new ManifestLoop(lab, server, directory, sizes.manifests());
    Background.moveElsewhere(manifests.controller.pid());
    return manifests;
  }

  private RoleProcess startController() {
    List<String> options =
        List.of(
            "--leader-election=false",
            "--cluster-name=attack",
            "--database-url=" + lab.databaseUrl(),
            "--kubeconfig=" + server.kubeconfig(),
            "--log-level=warn");
    return lab.jar()
        .map(jar -> RoleProcess.startPackaged("controller", jar, directory, options))
        .orElseGet(() -> RoleProcess.start("controller", List.of(), directory, options));
  }

  @Override
  public void begin() throws IOException {
    for (int loop = 0; loop < LOOPS; loop++) {
      Path file = directory.resolve("manifests-%d.yaml".formatted(loop));
      int number = loop;
      Files.writeString(
          file,
          IntStream.range(0, count / LOOPS)
              .mapToObj(i -> manifest(number, i))
              .collect(Collectors.joining("---\n")));
      loops.add(
          new ProcessBuilder(
                  Background.commandElsewhere(
                      List.of(
                          "sh",
                          "-c",
                          LOOP,
                          "sh",
                          server.kubectlProgram().toString(),
                          server.kubeconfig().toString(),
                          file.toString())))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(directory.resolve("kubectl-%d.log".formatted(loop)).toFile())
              .start());
    }
  }

  private static String manifest(int loop, int number) {
    return """
    apiVersion: workspace-operator.dev/v1
    kind: Workspace
    metadata: {name: w-%d-%d, namespace: %s}
    spec: {plan: Scale, dailyBudgetUsd: 100, maxConcurrentRuns: 10}
    """
        .formatted(loop, number, NAMESPACE);
  }

  @Override
  public String end() throws SQLException, InterruptedException {
    for (Process loop : loops) {
      loop.descendants().forEach(ProcessHandle::destroyForcibly);
      loop.destroyForcibly();
      loop.waitFor();
    }
    controller.kill();
    server.close();
    return String.format(
        Locale.ROOT,
        "%,d of %,d were stored, in %,d changes",
        lab.number("SELECT count(*) FROM workspace WHERE cluster = 'attack'"),
        count,
        lab.number(
            "SELECT coalesce(sum(declared_revision), 0) FROM workspace WHERE cluster = 'attack'"));
  }
}
