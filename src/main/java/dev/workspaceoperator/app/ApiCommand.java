package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.AuditOptions;
import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.app.option.NotificationOptions;
import dev.workspaceoperator.app.option.PlanOptions;
import dev.workspaceoperator.app.option.SignInOptions;
import dev.workspaceoperator.auth.ForwardProxies;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.http.HttpSettings;
import dev.workspaceoperator.http.connections.ConnectionSettings;
import dev.workspaceoperator.http.connections.TrustedProxies;
import dev.workspaceoperator.http.console.ConsoleSettings;
import dev.workspaceoperator.http.events.EventSettings;
import dev.workspaceoperator.notification.NotificationSettings;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code workspace-operator api}. */
@Command(
    name = "api",
    mixinStandardHelpOptions = true,
    description = {
      "Serves the REST API, until it is stopped.",
      "Run any number of replicas on one database."
    },
    footer = {
      "",
      "Serves /livez, /readyz and /metrics on the management address. SIGTERM drains: readiness"
          + " goes"
          + " off, requests that are under way end, then the process does."
    })
final class ApiCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private AuditOptions audit = new AuditOptions();
  @Mixin private PlanOptions plans = new PlanOptions();
  @Mixin private SignInOptions signIn = new SignInOptions();
  @Mixin private NotificationOptions notifications = new NotificationOptions();
  @Mixin private LogOptions logging = new LogOptions();

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      defaultValue = "0.0.0.0:8080",
      description = "Where the REST API is served. Default: ${DEFAULT-VALUE}.")
  private String address = "0.0.0.0:8080";

  @Option(
      names = "--trusted-proxies",
      paramLabel = "CIDR,…",
      description =
          "Reverse proxies whose X-Forwarded-For tells where a request comes from, such as"
              + " 10.0.0.0/8. Name only those that add to it. Default: none, whoever connects.")
  private @Nullable String trustedProxies;

  @Option(
      names = "--database-listen-url",
      paramLabel = "URL",
      description =
          "The same database without a transaction pooler in between, to hear of changes and to"
              + " migrate. Default: --database-url.")
  private @Nullable String listenUrl;

  @Option(
      names = "--database-patience-seconds",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "How long a request waits for a connection to PostgreSQL, and again for a lock or an"
              + " answer, before it is answered 503, 1 to 10. Raise it where PostgreSQL is slow now"
              + " and then. Runs and steps wait 2 s for their batch instead. Default:"
              + " ${DEFAULT-VALUE}.")
  private String databasePatience = "1";

  @Option(
      names = "--max-requests",
      paramLabel = "N",
      defaultValue = "2048",
      description =
          "Seven eighths of it are the most requests under way at once that have signed in; more are"
              + " answered 503, or 429 to a workspace that has a quarter of it. Those that have not"
              + " signed in have places of their own beside them, an eighth of it and at least 2048,"
              + " and kill switches have theirs. Default: ${DEFAULT-VALUE}.")
  private String maxRequests = "2048";

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "4096",
      description =
          "Most open connections of clients, a quarter of them of those who have not signed in. When"
              + " more come, those that were silent longest are closed. One costs up to 24 KiB of"
              + " heap. Default: ${DEFAULT-VALUE}.")
  private String maxConnections = "4096";

  @Option(
      names = "--max-event-streams",
      paramLabel = "N",
      defaultValue = "2000",
      description =
          "Most streams of /v1/workspace/events open at the same time; more are answered 503, or"
              + " 429 to a workspace that has a quarter of them. Default: ${DEFAULT-VALUE}.")
  private String maxEventStreams = "2000";

  @Option(
      names = "--idle-timeout-seconds",
      paramLabel = "N",
      defaultValue = "620",
      description =
          "How long a connection may be silent between two requests, 5 to 86400. Keep it longer"
              + " than the proxies in front do. Default: ${DEFAULT-VALUE}.")
  private String idleTimeout = "620";

  @Option(
      names = "--console",
      paramLabel = "BOOL",
      defaultValue = "true",
      description =
          "true or false: whether the console, a page for people, is served at /console/. See"
              + " docs/console.md. Default: ${DEFAULT-VALUE}.")
  private String console = "true";

  @Option(
      names = "--default-step-cost-usd",
      paramLabel = "USD",
      defaultValue = "0.01",
      description =
          "What a step reserves that names no max_cost_usd, in US dollars. Default:"
              + " ${DEFAULT-VALUE}.")
  private String defaultStepCost = "0.01";

  @Option(
      names = "--drain-delay-seconds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "How long requests are still taken after readiness went off. Default: ${DEFAULT-VALUE}.")
  private String drainDelay = "3";

  @Option(
      names = "--management-address",
      paramLabel = "HOST:PORT",
      defaultValue = "0.0.0.0:9090",
      description = "Where /livez, /readyz and /metrics are served. Default: ${DEFAULT-VALUE}.")
  private String managementAddress = "0.0.0.0:9090";

  @Override
  public Integer call() throws InterruptedException {
    ApiSettings settings = read();
    logging.apply();
    return ApiRole.start(settings, new Metrics()).untilStopped();
  }

  private ApiSettings read() {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings databaseSettings = database.read(reader);
    DatabaseSettings listening =
        DatabaseOptions.other(reader, "--database-listen-url", listenUrl, databaseSettings);
    int patience = reader.integer("--database-patience-seconds", databasePatience, 1, 10);
    AuditChain auditChain = audit.read(reader);
    PlanDefaults planDefaults = plans.read(reader);
    List<TokenIssuer> issuers = signIn.read(reader);
    ForwardProxies proxiesOut = signIn.proxies(reader);
    NotificationSettings told = notifications.read(reader);
    logging.read(reader);
    ListenAddress listen = reader.address("--address", address);
    int requests = reader.integer("--max-requests", maxRequests, 1, 100_000);
    int connections = reader.integer("--max-connections", maxConnections, 16, 100_000);
    TrustedProxies proxies =
        TrustedProxies.in(
            reader.list(trustedProxies),
            mistake -> reader.mistake("--trusted-proxies: " + mistake));
    int streams = reader.integer("--max-event-streams", maxEventStreams, 1, 100_000);
    int idle = reader.integer("--idle-timeout-seconds", idleTimeout, 5, 86_400);
    boolean hasConsole = reader.bool("--console", console);
    MicroUsd stepCost = reader.usd("--default-step-cost-usd", defaultStepCost, Bounds.COST_USD_MAX);
    int delay = reader.integer("--drain-delay-seconds", drainDelay, 0, 300);
    ListenAddress management = reader.address("--management-address", managementAddress);
    TraceExport traces = reader.traces("api", Version.number());
    reader.finish();
    return new ApiSettings(
        databaseSettings,
        listening,
        Duration.ofSeconds(patience),
        auditChain,
        planDefaults,
        GateSettings.STANDARD.withPlanDefaults(planDefaults).withDefaultReservation(stepCost),
        issuers,
        proxiesOut,
        told,
        HttpSettings.on(listen.host(), listen.port())
            .withRequestsMax(requests)
            .withConnections(ConnectionSettings.STANDARD.withMax(connections))
            .withTrustedProxies(proxies)
            .withIdleTimeout(Duration.ofSeconds(idle))
            .withEvents(EventSettings.STANDARD.withStreamsMax(streams))
            .withConsole(hasConsole ? Optional.of(ConsoleSettings.STANDARD) : Optional.empty()),
        Duration.ofSeconds(delay),
        logging.accessLog(),
        traces,
        Optional.of(management));
  }
}
