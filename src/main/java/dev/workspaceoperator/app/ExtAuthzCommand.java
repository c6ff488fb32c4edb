package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.app.option.PlanOptions;
import dev.workspaceoperator.app.option.SignInOptions;
import dev.workspaceoperator.auth.ForwardProxies;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.extauthz.ClientHeader;
import dev.workspaceoperator.extauthz.ExtAuthzSettings;
import dev.workspaceoperator.extauthz.PriceFile;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code workspace-operator ext-authz}. */
@Command(
    name = "ext-authz",
    mixinStandardHelpOptions = true,
    description = {
      "Answers Envoy, by gRPC, whether a request of a model may go on, and settles it by Envoy's"
          + " access log, until it is stopped.",
      "Run any number of replicas on one database, beside those of api. See docs/gateways.md."
    },
    footer = {
      "",
      "Serves envoy.service.auth.v3.Authorization and envoy.service.accesslog.v3.AccessLogService,"
          + " and /livez, /readyz and /metrics on the management address. SIGTERM drains: readiness"
          + " goes off, questions that are under way are answered, then the process ends."
    })
final class ExtAuthzCommand implements Callable<Integer> {
  private static final Pattern STATUSES = Pattern.compile("([45]\\d\\d)(?:-([45]\\d\\d))?");
  private static final Pattern HEADER = Pattern.compile("[a-z0-9-]{1,64}");
  private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,200}");

  @Spec private @Nullable CommandSpec spec;
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private PlanOptions plans = new PlanOptions();
  @Mixin private SignInOptions signIn = new SignInOptions();
  @Mixin private LogOptions logging = new LogOptions();

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      defaultValue = "0.0.0.0:9191",
      description = "Where Envoy is answered. Default: ${DEFAULT-VALUE}.")
  private String address = "0.0.0.0:9191";

  @Option(
      names = "--tls-certificate-file",
      paramLabel = "FILE",
      description =
          "The server's certificate with its chain, in PEM; read again when it changes. Default:"
              + " plain text.")
  private @Nullable String certificateFile;

  @Option(
      names = "--tls-key-file",
      paramLabel = "FILE",
      description = "The private key of that certificate, in PEM (PKCS #8).")
  private @Nullable String keyFile;

  @Option(
      names = "--tls-client-ca-file",
      paramLabel = "FILE",
      description =
          "Certificate authorities in PEM: only their clients are served. Default: any client.")
  private @Nullable String clientCaFile;

  @Option(
      names = "--price-file",
      paramLabel = "FILE",
      description =
          "Prices of models, as in LiteLLM's model_prices_and_context_window.json; read again when"
              + " it changes. Default: none, so that a request that names no cost takes the default"
              + " reservation.")
  private @Nullable String priceFile;

  @Option(
      names = "--unpriced",
      paramLabel = "refuse|default",
      defaultValue = "refuse",
      description =
          "With a price file, what becomes of a request whose cost cannot be told: it is refused, or"
              + " takes the default reservation. Default: ${DEFAULT-VALUE}.")
  private String unpriced = "refuse";

  @Option(
      names = "--default-step-cost-usd",
      paramLabel = "USD",
      defaultValue = "0.01",
      description = "The default reservation, in US dollars. Default: ${DEFAULT-VALUE}.")
  private String defaultStepCost = "0.01";

  @Option(
      names = "--user-header",
      paramLabel = "NAME",
      defaultValue = ExtAuthzSettings.USER_HEADER,
      description =
          "The header that says for whom a request is, where its credential is not bound to a user."
              + " Default: ${DEFAULT-VALUE}.")
  private String userHeader = ExtAuthzSettings.USER_HEADER;

  @Option(
      names = "--client-says",
      paramLabel = "WHAT,…",
      defaultValue = "user,run,max-cost",
      description =
          "What is believed of a request: user (that header, or the body's user), run"
              + " (x-workspace-run), max-cost (x-workspace-max-cost-usd). Leave out what clients that"
              + " nobody trusts could set. Default: ${DEFAULT-VALUE}.")
  private String clientSays = "user,run,max-cost";

  @Option(
      names = "--call-lease-seconds",
      paramLabel = "N",
      defaultValue = "300",
      description =
          "How long a call may go without its entry in the access log, 5 to 3600; then it is charged"
              + " its reservation. Longer than the slowest answer. Default: ${DEFAULT-VALUE}.")
  private String callLease = "300";

  @Option(
      names = "--cost-metadata",
      paramLabel = "NAMESPACE,…",
      defaultValue = "workspace-operator,io.envoy.ai_gateway",
      description =
          "Where Envoy's metadata tells what a request cost: cost_micro_usd, or input_tokens and"
              + " output_tokens.%nDefault: ${DEFAULT-VALUE}.")
  private String costMetadata = "workspace-operator,io.envoy.ai_gateway";

  @Option(
      names = "--free-upstream-statuses",
      paramLabel = "STATUS,…",
      defaultValue = "401,403-405,413,415,422,429",
      description =
          "Answers of the upstream that cost nothing, where no cost is told, from 400 to 599; none for"
              + " none.%nDefault: ${DEFAULT-VALUE}.")
  private String freeStatuses = "401,403-405,413,415,422,429";

  @Option(
      names = "--database-listen-url",
      paramLabel = "URL",
      description =
          "The same database without a transaction pooler in between, to hear of changes and to"
              + " migrate. Default: --database-url.")
  private @Nullable String listenUrl;

  @Option(
      names = "--max-requests",
      paramLabel = "N",
      defaultValue = "2048",
      description =
          "Seven eighths of it are the most questions that are answered at once; more are refused"
              + " with 503, or 429 where a workspace has a quarter of it. Default: ${DEFAULT-VALUE}.")
  private String maxRequests = "2048";

  @Option(
      names = "--drain-delay-seconds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "How long questions are still taken after readiness went off. Default: ${DEFAULT-VALUE}.")
  private String drainDelay = "3";

  @Option(
      names = "--management-address",
      paramLabel = "HOST:PORT",
      defaultValue = "0.0.0.0:9090",
      description = "Where /livez, /readyz and /metrics are served. Default: ${DEFAULT-VALUE}.")
  private String managementAddress = "0.0.0.0:9090";

  @Override
  public Integer call() throws InterruptedException {
    ExtAuthzRoleSettings settings = read();
    logging.apply();
    return ExtAuthzRole.start(settings, new Metrics()).untilStopped();
  }

  private ExtAuthzRoleSettings read() {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings databaseSettings = database.read(reader);
    DatabaseSettings listening =
        DatabaseOptions.other(reader, "--database-listen-url", listenUrl, databaseSettings);
    PlanDefaults planDefaults = plans.read(reader);
    List<TokenIssuer> issuers = signIn.read(reader);
    ForwardProxies proxiesOut = signIn.proxies(reader);
    logging.read(reader);
    MicroUsd stepCost = reader.usd("--default-step-cost-usd", defaultStepCost, Bounds.COST_USD_MAX);
    int delay = reader.integer("--drain-delay-seconds", drainDelay, 0, 300);
    ListenAddress management = reader.address("--management-address", managementAddress);
    ExtAuthzSettings server = server(reader);
    Optional<PriceFile> prices = prices(reader);
    TraceExport traces = reader.traces("ext-authz", Version.number());
    reader.finish();
    return new ExtAuthzRoleSettings(
        databaseSettings,
        listening,
        Duration.ofSeconds(1),
        GateSettings.STANDARD.withPlanDefaults(planDefaults).withDefaultReservation(stepCost),
        issuers,
        proxiesOut,
        server,
        prices,
        Duration.ofSeconds(delay),
        logging.accessLog(),
        traces,
        Optional.of(management));
  }

  private ExtAuthzSettings server(ConfigurationReader reader) {
    ListenAddress listen = reader.address("--address", address);
    String header = userHeader.toLowerCase(Locale.ROOT);
    if (!HEADER.matcher(header).matches()) {
      reader.mistake(
          "--user-header must be the name of a header, such as x-user-id, not \"%s\"."
              .formatted(userHeader));
    }
    return new ExtAuthzSettings(
        listen.host(),
        listen.port(),
        tls(reader),
        header,
        clientHeaders(reader),
        reader.word("--unpriced", unpriced, List.of("refuse", "default")).equals("default"),
        reader.integer(
            "--call-lease-seconds", callLease, Bounds.LEASE_SECONDS_MIN, Bounds.LEASE_SECONDS_MAX),
        namespaces(reader),
        statuses(reader),
        reader.integer("--max-requests", maxRequests, 1, 100_000),
        ExtAuthzSettings.DRAIN_TIMEOUT);
  }

  /** In their order: the first that tells a cost counts. */
  private List<String> namespaces(ConfigurationReader reader) {
    Set<String> _ =
        reader.list("--cost-metadata", costMetadata, NAMESPACE, "the name of a metadata namespace");
    return Arrays.stream(costMetadata.split(",", -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private Optional<ExtAuthzSettings.Tls> tls(ConfigurationReader reader) {
    Optional<Path> certificate = reader.file("--tls-certificate-file", certificateFile);
    Optional<Path> key = reader.file("--tls-key-file", keyFile);
    Optional<Path> clients = reader.file("--tls-client-ca-file", clientCaFile);
    boolean isWhole = isGiven(certificateFile) == isGiven(keyFile);
    if (!isWhole || (isGiven(clientCaFile) && !isGiven(certificateFile))) {
      reader.mistake(
          "--tls-certificate-file and --tls-key-file belong together, and --tls-client-ca-file needs both.");
    }
    return certificate.isPresent() && key.isPresent()
        ? Optional.of(new ExtAuthzSettings.Tls(certificate.get(), key.get(), clients))
        : Optional.empty();
  }

  private static boolean isGiven(@Nullable String value) {
    return value != null && !value.isBlank();
  }

  private Set<ClientHeader> clientHeaders(ConfigurationReader reader) {
    return reader.list(clientSays).stream()
        .filter(label -> !label.equals("none"))
        .flatMap(label -> {
          Optional<ClientHeader> header = ClientHeader.ofLabel(label);
          if (header.isEmpty()) {
            reader.mistake(
                "--client-says: \"%s\" is none of %s, none."
                    .formatted(label, String.join(", ", ClientHeader.labels())));
          }
          return header.stream();
        })
        .collect(Collectors.toUnmodifiableSet());
  }

  private Set<Integer> statuses(ConfigurationReader reader) {
    Set<Integer> statuses = new TreeSet<>();
    for (String range : reader.list(freeStatuses)) {
      Matcher matcher = STATUSES.matcher(range);
      int first = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
      int last =
          matcher.matches() && matcher.group(2) != null
              ? Integer.parseInt(matcher.group(2))
              : first;
      if (first > 0 && last >= first) {
        IntStream.rangeClosed(first, last).forEach(statuses::add);
      } else if (!range.equals("none")) {
        reader.mistake(
            "--free-upstream-statuses must be statuses from 400 to 599 and ranges of them, such as 401,403-405, or none, not \"%s\"."
                .formatted(range));
      }
    }
    return statuses;
  }

  private Optional<PriceFile> prices(ConfigurationReader reader) {
    return reader
        .file("--price-file", priceFile)
        .map(file ->
            PriceFile.read(
                file, mistake -> reader.mistake("--price-file %s: %s.".formatted(file, mistake))));
  }
}
