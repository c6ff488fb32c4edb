package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.InvalidConfigurationException;
import dev.workspaceoperator.app.option.KubernetesOptions;
import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.app.option.NotificationOptions;
import dev.workspaceoperator.auth.ForwardProxies;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.KubeApiServerSpec;
import dev.workspaceoperator.env.KubeBinaries;
import dev.workspaceoperator.env.KubeUnavailableException;
import dev.workspaceoperator.env.Kubectl;
import dev.workspaceoperator.extauthz.ExtAuthzSettings;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.http.HttpSettings;
import dev.workspaceoperator.notification.NotificationSettings;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.port.ClusterNameTakenException;
import dev.workspaceoperator.workspace.port.ReceiverRules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code ./mvnw -Prun}: the whole operator on an embedded PostgreSQL and an embedded API server, or
 * on the database of {@code -Ddatabase.url=…} and the cluster of {@code -Dkubeconfig=…} (design.md
 * §9). State is kept in {@code .run}.
 */
@Command(name = "run", mixinStandardHelpOptions = true)
public final class RunMode implements Callable<Integer> {
  private static final String QUICKSTART = "quickstart";

  /** Of what spans are told of: that of the sources, which has no number. */
  private static final String VERSION = "run";

  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final Duration DATABASE_PATIENCE = Duration.ofSeconds(1);

  @Spec private @Nullable CommandSpec spec;
  @Mixin private KubernetesOptions kubernetes = new KubernetesOptions();
  @Mixin private NotificationOptions notifications = new NotificationOptions();

  @Option(names = "--directory", defaultValue = ".run")
  private Path directory = Path.of(".run");

  @Option(names = "--project", defaultValue = ".")
  private Path project = Path.of(".");

  @Option(names = "--port", defaultValue = "8080")
  private String port = "8080";

  @Option(names = "--management-port", defaultValue = "9090")
  private String managementPort = "9090";

  @Option(names = "--database-url", defaultValue = "")
  private String databaseUrl = "";

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final long startedAtNanos = System.nanoTime();

  /** Runs until the process is told to stop. */
  public static void main(String[] arguments) {
    // An absent property arrives as an empty argument: it counts as not given.
    String[] given =
        Arrays.stream(arguments).filter(text -> !text.endsWith("=")).toArray(String[]::new);
    CommandLine program = new CommandLine(new RunMode());
    program.setExecutionExceptionHandler((failure, command, _) -> {
      command.getErr().println("run: " + failure.getMessage());
      boolean isExplained =
          failure instanceof IllegalStateException
              || failure instanceof KubeUnavailableException
              || failure instanceof ClusterNameTakenException
              || failure instanceof InvalidConfigurationException;
      if (!isExplained) {
        failure.printStackTrace(command.getErr());
      }
      return ExitCode.SOFTWARE;
    });
    int exitCode = program.execute(given);
    if (exitCode != ExitCode.OK) {
      System.exit(exitCode);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    KubernetesOptions.Values cluster = kubernetes.read(reader);
    int apiPort = reader.integer("-Dport", port, 1, 65_535);
    int metricsPort = reader.integer("-Dmanagement.port", managementPort, 1, 65_535);
    Optional<RunDatabase> given = RunDatabase.read(reader, databaseUrl);
    NotificationSettings receivers = notifications.read(reader);
    ReceiverRules receiverRules = notifications.readRules(reader);
    TraceExport controllerTraces = traces("controller", reader);
    TraceExport apiTraces = traces("api", reader);
    TraceExport extAuthzTraces = traces("ext-authz", reader);
    reader.finish();

    own(RunLock.take(directory));
    RunPorts.requireFree(apiPort, "the API", "-Dport=");
    RunPorts.requireFree(metricsPort, "the management server", "-Dmanagement.port=");
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> stop(stopped)));
    endWithMaven();
    LogOptions.forTerminal().apply();
    RunFile environment = new RunFile(directory.resolve("env"));
    environment.delete();
    RunPorts ports = RunPorts.load(directory.resolve("ports"));

    if (given.isPresent()) {
      say("Database: the one of -Ddatabase.url");
      given.get().prepare(this::say);
    }
    KubeBinaries binaries = KubeBinaries.locate(this::say);
    RunDatabase database = given.isPresent() ? given.get() : startDatabase(ports);
    Optional<KubeApiServer> embedded =
        cluster.kubeconfig().isPresent()
            ? Optional.empty()
            : Optional.of(startCluster(binaries, ports));
    Path kubeconfig =
        cluster.kubeconfig().or(() -> embedded.map(KubeApiServer::kubeconfig)).orElseThrow();
    Kubectl kubectl =
        new Kubectl(binaries.kubectl(), kubeconfig, directory.resolve("kubectl-cache"));

    say("Installing the custom resource");
    WorkspaceCrd.install(kubectl::run, project.resolve("crds"));
    DatabaseSettings settings = database.settings();
    say("Controller: starting");
    ControllerRole controller =
        own(
            ControllerRole.start(
                new ControllerSettings(
                    settings,
                    AuditChain.unkeyed(),
                    new KubernetesOptions.Values(
                        Optional.of(kubeconfig),
                        cluster.clusterName(),
                        cluster.adoptCluster(),
                        cluster.namespaces()),
                    PlanDefaults.STANDARD,
                    receiverRules,
                    Optional.empty(),
                    "run",
                    16,
                    new ListenAddress("127.0.0.1", metricsPort),
                    WorkspaceLabel.TOLD,
                    controllerTraces),
                // Not a halt: what this process started must be stopped too.
                exitCode -> Thread.ofPlatform().start(() -> System.exit(exitCode))));
    List<TokenIssuer> issuers =
        embedded.isPresent()
            ? new RunIssuer(directory).of(embedded.get(), cluster.clusterName())
            : List.of();
    say("API: starting");
    own(
        ApiRole.start(
            new ApiSettings(
                settings,
                settings,
                DATABASE_PATIENCE,
                AuditChain.unkeyed(),
                PlanDefaults.STANDARD,
                GateSettings.STANDARD,
                issuers,
                ForwardProxies.NONE,
                receivers,
                HttpSettings.on("127.0.0.1", apiPort),
                Duration.ZERO,
                AccessLogForm.TEXT,
                apiTraces,
                Optional.empty()),
            controller.metrics()));

    say("Gateway: starting");
    ExtAuthzRole extAuthz = own(startExtAuthz(settings, issuers, ports.extAuthz(), extAuthzTraces));
    RunModel model = own(RunModel.start(ports.model()));
    RunGateway gateway = own(RunGateway.start(ports.gateway(), extAuthz.port(), model.port()));

    Path examples = project.resolve("examples").resolve(QUICKSTART);
    for (String manifest : List.of("namespace.yaml", "workspace.yaml")) {
      applyIfAbsent(kubectl, examples.resolve(manifest));
    }
    kubectl
        .run(
            "wait",
            "--for=condition=Ready",
            "--timeout=" + READY_WITHIN.toSeconds() + "s",
            "--namespace=" + QUICKSTART,
            "workspace/" + QUICKSTART)
        .orThrow();
    String key = new RunKey(new RunFile(directory.resolve("api-key"))).of(QUICKSTART, settings);

    Map<String, String> values = new LinkedHashMap<>();
    values.put("KUBECONFIG", kubeconfig.toAbsolutePath().normalize().toString());
    values.put("KUBECTL", binaries.kubectl().toString());
    values.put("WORKSPACE_API_URL", "http://127.0.0.1:" + apiPort);
    values.put("WORKSPACE_API_KEY", key);
    values.put("MANAGEMENT_URL", "http://127.0.0.1:" + metricsPort);
    values.put("DATABASE_URL", database.url());
    values.put("EXT_AUTHZ_ADDRESS", "127.0.0.1:" + extAuthz.port());
    values.put("MODEL_URL", "http://127.0.0.1:%d/v1".formatted(model.port()));
    values.put("GATEWAY_URL", "http://127.0.0.1:%d/v1".formatted(gateway.port()));
    environment.write(values);
    printReady(values);
    stopped.await();
    return ExitCode.OK;
  }

  /** As the variables of OpenTelemetry say, the only ones that are heeded here. */
  private static TraceExport traces(String role, ConfigurationReader reader) {
    return TraceExport.open(System.getenv(), role, VERSION, reader::mistake);
  }

  /** What was changed by hand since an earlier start stays as it is. */
  private static void applyIfAbsent(Kubectl kubectl, Path manifest) throws InterruptedException {
    if (kubectl.run("get", "-f", manifest.toString()).exitCode() != 0) {
      kubectl.run("apply", "-f", manifest.toString()).orThrow();
    }
  }

  /** Without prices: every call reserves the default. */
  private static ExtAuthzRole startExtAuthz(
      DatabaseSettings settings, List<TokenIssuer> issuers, int port, TraceExport traces)
      throws InterruptedException {
    return ExtAuthzRole.start(
        new ExtAuthzRoleSettings(
            settings,
            settings,
            DATABASE_PATIENCE,
            GateSettings.STANDARD,
            issuers,
            ForwardProxies.NONE,
            ExtAuthzSettings.on("127.0.0.1", port),
            Optional.empty(),
            Duration.ZERO,
            AccessLogForm.TEXT,
            traces,
            Optional.empty()),
        new Metrics());
  }

  private RunDatabase startDatabase(RunPorts ports) throws InterruptedException {
    return new RunDatabase(
        own(EmbeddedDatabase.start(directory.resolve("postgres"), ports.postgres(), this::say))
            .url());
  }

  private KubeApiServer startCluster(KubeBinaries binaries, RunPorts ports)
      throws InterruptedException {
    KubeApiServerSpec durable =
        KubeApiServerSpec.durable(directory.resolve("kube"), ports.kubeApiServer(), ports.etcd())
            .stoppedByCaller();
    return own(KubeApiServer.start(durable, binaries, this::say));
  }

  /** Ctrl-C reaches both, but a signal to Maven alone does not come here. */
  private static void endWithMaven() {
    ProcessHandle.current()
        .parent()
        .ifPresent(maven -> {
          CompletableFuture<Void> _ = maven.onExit().thenRun(() -> System.exit(ExitCode.OK));
        });
  }

  private void printReady(Map<String, String> values) {
    System.out.printf(
        """

        Ready after %.1f s. Everything it started listens on 127.0.0.1 only; Ctrl-C ends it.

          kubeconfig  %s
          API key     %s
          console     %s/console/ (sign in with that key)

        Try, in another terminal:

          set -a; . %s; set +a
          $KUBECTL get ws -A
          curl -s $WORKSPACE_API_URL/v1/workspace/ -H "X-API-Key: $WORKSPACE_API_KEY"
          curl -s $GATEWAY_URL/chat/completions -H "Authorization: Bearer $WORKSPACE_API_KEY" \\
            -d '{"model":"mock","messages":[{"role":"user","content":"Are you there?"}]}'
          $KUBECTL -n quickstart patch ws quickstart --type merge -p '{"spec":{"killSwitch":true}}'

        The last one stops the workspace: ask again to see it. It goes on with

          $KUBECTL -n quickstart patch ws quickstart --type merge -p '{"spec":{"killSwitch":false}}'

        """,
        (System.nanoTime() - startedAtNanos) / 1e9,
        values.get("KUBECONFIG"),
        values.get("WORKSPACE_API_KEY"),
        values.get("WORKSPACE_API_URL"),
        directory.resolve("env"));
    System.out.flush();
  }

  private void say(String line) {
    System.out.printf("[%6.1f s] %s%n", (System.nanoTime() - startedAtNanos) / 1e9, line);
    System.out.flush();
  }

  private <T extends AutoCloseable> T own(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  /** Last started, first stopped: the controller may still write while it ends. */
  private void stop(CountDownLatch stopped) {
    say("Stopping");
    synchronized (parts) {
      while (!parts.isEmpty()) {
        try {
          parts.pop().close();
        } catch (Exception e) {
          say("While stopping: " + e.getMessage());
        }
      }
    }
    new RunFile(directory.resolve("env")).delete();
    stopped.countDown();
  }
}
