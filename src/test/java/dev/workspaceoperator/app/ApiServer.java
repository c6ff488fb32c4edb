package dev.workspaceoperator.app;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.auth.ForwardProxies;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.http.HttpSettings;
import dev.workspaceoperator.notification.NotificationSettings;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.PostgresApiKeys;
import dev.workspaceoperator.store.PostgresDeclaredStore;
import dev.workspaceoperator.store.PostgresFleetApiKeys;
import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import java.math.BigDecimal;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The role {@code api} on a free port and on a database of its own, with a controller's hand to
 * make workspaces. For tests of every package.
 */
public final class ApiServer implements AutoCloseable {
  /** The default of {@code --database-patience-seconds}. */
  static final Duration DATABASE_PATIENCE = Duration.ofSeconds(1);

  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final SecureRandom RANDOM = new SecureRandom();

  private final DatabaseSettings settings;
  private final Metrics metrics = new Metrics();
  private final Database database;
  private final PostgresDeclaredStore declared;
  private final PostgresApiKeys keys;
  private final PostgresFleetApiKeys fleetKeys;
  private final Optional<ApiRole> role;

  private ApiServer(String url, List<TokenIssuer> issuers, UnaryOperator<HttpSettings> http)
      throws InterruptedException {
    this(url, Optional.of(new Serving(issuers, http, TraceExport.none())));
  }

  private ApiServer(String url, Optional<Serving> serving) throws InterruptedException {
    this.settings = DatabaseSettings.of(url).withPoolSize(6);
    AuditChain chain = AuditChain.unkeyed();
    this.database = Database.open(settings.withPoolSize(3));
    this.declared = new PostgresDeclaredStore(database, chain);
    this.keys = new PostgresApiKeys(database, chain);
    this.fleetKeys = new PostgresFleetApiKeys(database, chain);
    this.role = serving.isEmpty() ? Optional.empty() : Optional.of(serve(serving.get(), chain));
  }

  private ApiRole serve(Serving how, AuditChain chain) throws InterruptedException {
    return ApiRole.start(
        new ApiSettings(
            settings,
            settings,
            DATABASE_PATIENCE,
            chain,
            PlanDefaults.STANDARD,
            GateSettings.STANDARD,
            how.issuers(),
            ForwardProxies.NONE,
            NotificationSettings.NONE,
            how.http().apply(HttpSettings.on("127.0.0.1", 0)),
            Duration.ZERO,
            AccessLogForm.TEXT,
            how.traces(),
            Optional.empty()),
        metrics);
  }

  /** How it serves. */
  private record Serving(
      List<TokenIssuer> issuers, UnaryOperator<HttpSettings> http, TraceExport traces) {}

  /** A server on a new database. */
  public static ApiServer start() throws InterruptedException {
    return on(SharedDatabase.create());
  }

  /** A server on a new database, with other settings of its port. */
  public static ApiServer start(UnaryOperator<HttpSettings> http) throws InterruptedException {
    return new ApiServer(SharedDatabase.create(), List.of(), http);
  }

  /** A server on a new database that also accepts tokens of these issuers. */
  public static ApiServer accepting(List<TokenIssuer> issuers) throws InterruptedException {
    return new ApiServer(SharedDatabase.create(), issuers, http -> http);
  }

  /** The same on this database, as one more replica. */
  public static ApiServer accepting(String databaseUrl, List<TokenIssuer> issuers)
      throws InterruptedException {
    return new ApiServer(databaseUrl, issuers, http -> http);
  }

  /** A server on this database, as one more replica. */
  public static ApiServer on(String databaseUrl) throws InterruptedException {
    return new ApiServer(databaseUrl, List.of(), http -> http);
  }

  /** Hands on a database whose schema is there, and left as it is: nothing is served. */
  public static ApiServer withoutServing(String databaseUrl) throws InterruptedException {
    return new ApiServer(databaseUrl, Optional.empty());
  }

  /** A server on this database that tells its spans. */
  static ApiServer tracing(String databaseUrl, TraceExport traces) throws InterruptedException {
    return new ApiServer(databaseUrl, Optional.of(new Serving(List.of(), http -> http, traces)));
  }

  /** A server on this database, with other settings of its port. */
  public static ApiServer on(String databaseUrl, UnaryOperator<HttpSettings> http)
      throws InterruptedException {
    return new ApiServer(databaseUrl, List.of(), http);
  }

  public int port() {
    return role.orElseThrow().port();
  }

  public String databaseUrl() {
    return settings.url();
  }

  /** What Prometheus would scrape. */
  public String scrape() {
    return metrics.registry().scrape();
  }

  /** Whether it wants requests. */
  public boolean isReady() {
    return role.orElseThrow().isReady();
  }

  /** A workspace that no other test has, of this plan and with nothing else in its manifest. */
  public Declared workspace(Plan plan) {
    return declare(manifest(COUNTER.incrementAndGet(), plan, SettingValues.NONE));
  }

  /** The same with a daily budget in its manifest. */
  public Declared workspaceWithBudget(Plan plan, String usd) {
    return declare(manifest(COUNTER.incrementAndGet(), plan, budget(usd)));
  }

  /** Applies a manifest as the controller does. */
  public Declared declare(Manifest manifest) {
    SyncOutcome outcome =
        declared.sync(fence(), manifest, State.PRESENT, declaredRevision(manifest));
    if (!(outcome instanceof SyncOutcome.Applied applied)) {
      throw new AssertionError("the manifest was not applied: " + outcome);
    }
    return new Declared(manifest, applied.gathered().workspace().orElseThrow().id());
  }

  private long declaredRevision(Manifest manifest) {
    return declared
        .gather(manifest.identity(), Optional.of(manifest.slug()), Set.of())
        .workspace()
        .map(StoredWorkspace::declaredRevision)
        .orElse(0L);
  }

  /** Raised anew each time, so that any replica's hand may write after any other's. */
  private ControllerFence fence() {
    return declared.raiseEpoch("default", "cluster-uid", ClusterAdoption.REFUSE);
  }

  /** A new key of a workspace. */
  public String key(UUID workspaceId, Scope... scopes) {
    ApiKey key = ApiKey.generate(RANDOM);
    Outcome<?> outcome =
        keys.create(
            workspaceId,
            "test",
            key.digest(),
            Set.of(scopes),
            Optional.empty(),
            Optional.empty(),
            new Actor("test", Optional.empty()));
    if (!(outcome instanceof Outcome.Done<?>)) {
      throw new AssertionError("the key was not made: " + outcome);
    }
    return key.reveal();
  }

  /** A new key of a workspace with every scope that a workspace's key can have. */
  public String keyWithAllScopes(UUID workspaceId) {
    return key(
        workspaceId,
        Arrays.stream(Scope.values()).filter(scope -> !scope.isFleet()).toArray(Scope[]::new));
  }

  /** A client with a new key of a workspace, of every scope that a workspace's key can have. */
  public ApiClient caller(Declared workspace) {
    return ApiClient.with(port(), keyWithAllScopes(workspace.id()));
  }

  /** A client with a new key of a workspace, of these scopes. */
  public ApiClient caller(Declared workspace, Scope... scopes) {
    return ApiClient.with(port(), key(workspace.id(), scopes));
  }

  /** A new key of the installation. */
  public String fleetKey(Scope... scopes) {
    ApiKey key = ApiKey.generate(RANDOM);
    fleetKeys.create(
        "fleet-test",
        key.digest(),
        Arrays.stream(scopes).collect(Collectors.toSet()),
        Optional.empty(),
        new Actor("test", Optional.empty()));
    return key.reveal();
  }

  /** The resource is gone, and its deletion policy is Retain. */
  public void freeze(Declared workspace) {
    declared.retire(fence(), workspace.manifest().identity());
  }

  /** The resource is gone, and its deletion policy is Delete. */
  public void archive(Declared workspace) {
    SyncOutcome outcome =
        declared.sync(
            fence(),
            workspace.with(DeletionPolicy.DELETE),
            State.ARCHIVED,
            declaredRevision(workspace.manifest()));
    if (!(outcome instanceof SyncOutcome.Applied)) {
      throw new AssertionError("the workspace was not archived: " + outcome);
    }
  }

  /** A change that some other process makes. */
  public void execute(String sql) {
    boolean _ =
        database.read(connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
          }
        });
  }

  /** What a statement counts. */
  public long count(String sql) {
    return database.read(connection -> {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(sql)) {
        row.next();
        return row.getLong(1);
      }
    });
  }

  /** The time by the clock of the database, which judges leases, overrides and days. */
  public Instant now() {
    return database.read(connection -> {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT operator_clock()")) {
        row.next();
        return Objects.requireNonNull(row.getObject(1, OffsetDateTime.class)).toInstant();
      }
    });
  }

  @Override
  public void close() {
    role.ifPresent(ApiRole::close);
    database.close();
    metrics.close();
  }

  /** A layer that sets only a daily budget. */
  public static SettingValues budget(String usd) {
    return TestSettings.values(
        Optional.empty(),
        Optional.of(Budget.ofUsd(new BigDecimal(usd))),
        Optional.empty(),
        Optional.empty());
  }

  private static Manifest manifest(int number, Plan plan, SettingValues values) {
    String name = "ws-" + number;
    return new Manifest(
        new ResourceIdentity("default", "team", name),
        "uid-" + name,
        1,
        name,
        new DeclaredSettings(plan, values, Optional.empty(), Optional.empty()),
        DeletionPolicy.RETAIN,
        List.of(),
        List.of());
  }

  /** A workspace and its manifest as last applied. */
  public record Declared(Manifest manifest, UUID id) {

    /** {@code namespace/name}. */
    public String namespacedName() {
      return manifest.identity().namespacedName();
    }

    /** The manifest's next generation with other settings. */
    public Manifest with(DeclaredSettings settings) {
      return next(settings, manifest.deletionPolicy(), manifest.apiKeys());
    }

    /** The manifest's next generation with these keys. */
    public Manifest withKeys(DeclaredApiKey... apiKeys) {
      return next(manifest.settings(), manifest.deletionPolicy(), List.of(apiKeys));
    }

    /** The manifest's next generation with another deletion policy. */
    public Manifest with(DeletionPolicy policy) {
      return next(manifest.settings(), policy, manifest.apiKeys());
    }

    private Manifest next(
        DeclaredSettings settings, DeletionPolicy policy, List<DeclaredApiKey> apiKeys) {
      return new Manifest(
          manifest.identity(),
          manifest.uid(),
          manifest.generation() + 1,
          manifest.slug(),
          settings,
          policy,
          apiKeys,
          List.of());
    }
  }
}
