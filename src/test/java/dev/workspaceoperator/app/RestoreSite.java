package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.DocBlocks;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.PostgresBinaries;
import dev.workspaceoperator.env.SharedKubeApiServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/**
 * What a person has who restores: a PostgreSQL of the machine's distribution with its tools, an API
 * server, and {@code docs/backup.md}, whose blocks are run as they stand.
 */
final class RestoreSite implements AutoCloseable {
  static final String DATABASE = "books";

  static final String CLUSTER = "production";

  private static final String OWNER = "books_owner";
  private static final String SCOPES =
      "workspace:read,workspace:write,runs:write,kill-switch:write,keys:write";
  private static final Path PAGE = Path.of("docs", "backup.md");
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);
  private static final Duration COMMAND_BOUND = Duration.ofMinutes(2);

  final EmbeddedDatabase postgres;
  final KubeApiServer kubernetes;

  /** The namespace {@code research} there, on the database in use. */
  final Cluster cluster;

  private final RoleProcesses processes;
  private final PostgresBinaries binaries;
  private final Path directory;

  private RestoreSite(
      EmbeddedDatabase postgres,
      KubeApiServer kubernetes,
      RoleProcesses processes,
      PostgresBinaries binaries,
      Path directory)
      throws InterruptedException {
    this.postgres = postgres;
    this.kubernetes = kubernetes;
    this.processes = processes;
    this.binaries = binaries;
    this.directory = directory;
    this.cluster = new Cluster(kubernetes, url(), CLUSTER, "research");
  }

  /**
   * Starts it; a test is passed over, and that is said, where the machine has no PostgreSQL with
   * its tools.
   */
  static RestoreSite open(Path directory, RoleProcesses processes) throws Exception {
    Optional<PostgresBinaries> tools = PostgresBinaries.ofDistribution();
    if (tools.isEmpty()) {
      System.err.println(
          "postgres: NONE OF A DISTRIBUTION IS INSTALLED (/usr/lib/postgresql), so there is no"
              + " pg_dump, and nothing is restored; on Debian: apt-get install postgresql");
    }
    Assumptions.assumeTrue(tools.isPresent());
    EmbeddedDatabase postgres =
        EmbeddedDatabase.start(
            tools.orElseThrow(), directory.resolve("server"), 0, System.err::println);
    postgres.execute("postgres", "CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(OWNER, OWNER));
    postgres.execute("postgres", "CREATE DATABASE %s OWNER %s".formatted(DATABASE, OWNER));
    KubeApiServer kubernetes = SharedKubeApiServer.startOwn(UnaryOperator.identity());
    WorkspaceCrd.install(kubernetes);
    RestoreSite site =
        new RestoreSite(postgres, kubernetes, processes, tools.orElseThrow(), directory);
    site.installProgram();
    return site;
  }

  /** A controller in a process of its own, once it leads. */
  RoleProcess controller(String... more) {
    RoleProcess controller = startController(kubernetes, url(), CLUSTER, more);
    await().atMost(STARTED_WITHIN).until(controller::isLeading);
    return controller;
  }

  /** Any controller, which may refuse to lead. */
  RoleProcess startController(
      KubeApiServer server, String databaseUrl, String clusterName, String... more) {
    return processes.start(
        List.of(
            "--database-url=" + databaseUrl,
            "--kubeconfig=" + server.kubeconfig(),
            "--cluster-name=" + clusterName,
            "--leader-election-namespace=default"),
        more);
  }

  /** A replica of the REST API in a process of its own, once it serves. */
  ApiReplica api() {
    ApiReplica api = processes.api(url());
    await().atMost(STARTED_WITHIN).until(api.process()::isReady);
    return api;
  }

  /** The workspace {@code team} with this spec, and a client on a new replica that may do all. */
  ApiClient team(String spec) throws Exception {
    ApiReplica api = api();
    cluster.applyAndAwait("team", spec, "Ready");
    return ApiClient.with(api.caller().port(), key("team", "all"));
  }

  /** A new key of a workspace with every scope that matters here. */
  String key(String slug, String name) throws InterruptedException {
    return run("workspace-operator key create --workspace %s --name %s --scopes %s"
            .formatted(slug, name, SCOPES))
        .orThrow()
        .strip();
  }

  /** The address of a database of this server, as its owner. */
  String url(String database) {
    return "postgresql://%s:%s@127.0.0.1:%d/%s".formatted(OWNER, OWNER, postgres.port(), database);
  }

  String url() {
    return url(DATABASE);
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /** The one block of the page that has this text, as it is pasted. */
  CommandResult paste(String text) throws IOException, InterruptedException {
    List<DocBlocks.Block> found =
        DocBlocks.of(PAGE).stream().filter(block -> block.script().contains(text)).toList();
    assertThat(found).as("blocks of the page with " + text).hasSize(1);
    return run(found.getFirst().script());
  }

  /** Any commands, with all that the page's reader has. */
  CommandResult run(String script) throws InterruptedException {
    ProcessBuilder bash =
        new ProcessBuilder("bash", "-c", "set -euo pipefail\n" + script)
            .directory(directory.toFile());
    Map<String, String> environment = bash.environment();
    environment.putAll(
        Map.of(
            "PGHOST", "127.0.0.1",
            "PGPORT", Integer.toString(postgres.port()),
            "PGUSER", "workspace_operator",
            "PGPASSWORD", postgres.url().replaceFirst("^postgresql://[^:]*:([^@]*)@.*$", "$1"),
            "DATABASE", DATABASE,
            "DATABASE_OWNER", OWNER,
            "WORKSPACE_OPERATOR_DATABASE_URL", url(),
            "RESTORED_URL", url(DATABASE + "_restored"),
            "KUBECONFIG", kubernetes.kubeconfig().toAbsolutePath().toString()));
    environment.merge(
        "PATH",
        String.join(
            File.pathSeparator,
            directory.resolve("bin").toString(),
            binaries.folder().toString(),
            kubernetes
                .kubectlProgram()
                .toAbsolutePath()
                .resolveSibling(".")
                .normalize()
                .toString()),
        (path, ours) -> ours + File.pathSeparator + path);
    return CommandResult.of(bash, "", COMMAND_BOUND);
  }

  /** {@code workspace-operator}, as the page calls the program. */
  private void installProgram() throws IOException {
    Path program = Files.createDirectories(directory.resolve("bin")).resolve("workspace-operator");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Files.writeString(
        program,
        "#!/bin/sh\nexec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '%s' %s \"$@\"\n"
            .formatted(java, classPath(), Main.class.getName()));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The commands run in another directory than this JVM. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Override
  public void close() {
    postgres.close();
    kubernetes.close();
  }
}
