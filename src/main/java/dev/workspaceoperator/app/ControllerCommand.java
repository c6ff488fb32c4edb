package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.AuditOptions;
import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.app.option.KubernetesOptions;
import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.app.option.NotificationOptions;
import dev.workspaceoperator.app.option.PlanOptions;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.port.ReceiverRules;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code workspace-operator controller}. */
@Command(
    name = "controller",
    mixinStandardHelpOptions = true,
    description = {
      "Reconciles Workspace resources with the store, until it is stopped.",
      "Run any number of replicas: one leads, another takes over within 15 seconds."
    },
    footer = {
      "",
      "Serves /livez, /readyz and /metrics on the management address. Ends with code 3 when another"
          + " replica has taken over, with code 4 when the API server's certificate authority has changed;"
          + " Kubernetes then starts it anew."
    })
final class ControllerCommand implements Callable<Integer> {
  private static final Path POD_NAMESPACE =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");

  @Spec private @Nullable CommandSpec spec;
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private AuditOptions audit = new AuditOptions();
  @Mixin private KubernetesOptions kubernetes = new KubernetesOptions();
  @Mixin private PlanOptions plans = new PlanOptions();
  @Mixin private NotificationOptions notifications = new NotificationOptions();
  @Mixin private LogOptions logging = new LogOptions();

  @Option(
      names = "--leader-election",
      arity = "0..1",
      paramLabel = "true|false",
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Elect a leader among the replicas. Without it run one controller only. Default: ${DEFAULT-VALUE}.")
  private String leaderElection = "true";

  @Option(
      names = "--leader-election-namespace",
      paramLabel = "NAME",
      description = "Where the Lease is kept. Default: the pod's own namespace, else default.")
  private @Nullable String leaseNamespace;

  @Option(
      names = "--reconcile-threads",
      paramLabel = "N",
      defaultValue = "16",
      description = "Most reconciliations at the same time. Default: ${DEFAULT-VALUE}.")
  private String threads = "16";

  @Option(
      names = "--management-address",
      paramLabel = "HOST:PORT",
      defaultValue = "0.0.0.0:9090",
      description = "Where /livez, /readyz and /metrics are served. Default: ${DEFAULT-VALUE}.")
  private String managementAddress = "0.0.0.0:9090";

  @Option(
      names = "--workspace-metrics",
      arity = "0..1",
      paramLabel = "true|false",
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Tell the figures of each workspace in /metrics, with its slug as a label; without it, those"
              + " of all together. Default: ${DEFAULT-VALUE}.")
  private String workspaceMetrics = "true";

  @Override
  public Integer call() throws InterruptedException {
    ControllerSettings settings = read();
    logging.apply();
    CountDownLatch stopped = new CountDownLatch(1);
    ControllerRole role = ControllerRole.start(settings, ProcessEnd.HALT);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  LoggerFactory.getLogger(ControllerCommand.class).info("Stopping");
                  role.close();
                  stopped.countDown();
                }));
    stopped.await();
    return ExitCode.OK;
  }

  private ControllerSettings read() {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings databaseSettings = database.read(reader);
    AuditChain auditChain = audit.read(reader);
    KubernetesOptions.Values cluster = kubernetes.read(reader);
    PlanDefaults planDefaults = plans.read(reader);
    ReceiverRules receiverRules = notifications.readRules(reader);
    logging.read(reader);
    Optional<String> lease =
        reader.bool("--leader-election", leaderElection)
            ? Optional.of(leaseNamespace(reader))
            : Optional.empty();
    int threadCount = reader.integer("--reconcile-threads", threads, 1, 256);
    ListenAddress management = reader.address("--management-address", managementAddress);
    WorkspaceLabel label =
        reader.bool("--workspace-metrics", workspaceMetrics)
            ? WorkspaceLabel.TOLD
            : WorkspaceLabel.LEFT_OUT;
    TraceExport traces = reader.traces("controller", Version.number());
    reader.finish();
    return new ControllerSettings(
        databaseSettings,
        auditChain,
        cluster,
        planDefaults,
        receiverRules,
        lease,
        instance(),
        threadCount,
        management,
        label,
        traces);
  }

  private String leaseNamespace(ConfigurationReader reader) {
    if (leaseNamespace != null) {
      if (!Bounds.DNS_LABEL.matcher(leaseNamespace).matches()) {
        reader.mistake(
            "--leader-election-namespace must be the name of a namespace, not \"%s\"."
                .formatted(leaseNamespace));
      }
      return leaseNamespace;
    }
    try {
      return Files.isReadable(POD_NAMESPACE) ? Files.readString(POD_NAMESPACE).strip() : "default";
    } catch (IOException e) {
      reader.mistake(
          "The pod's namespace cannot be read from %s; name one with --leader-election-namespace."
              .formatted(POD_NAMESPACE));
      return "default";
    }
  }

  /** The host's name, which is the pod's, and a random part: a restarted process is another one. */
  private static String instance() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      host = "controller";
    }
    return host + "_" + UUID.randomUUID();
  }
}
