package dev.workspaceoperator.app;

import dev.workspaceoperator.auth.CredentialAuthenticator;
import dev.workspaceoperator.gate.Gate;
import dev.workspaceoperator.gate.KillFirst;
import dev.workspaceoperator.gate.PostgresRunBooks;
import dev.workspaceoperator.gate.PostgresUsageBooks;
import dev.workspaceoperator.gate.Reaper;
import dev.workspaceoperator.http.ApiPorts;
import dev.workspaceoperator.http.HttpServer;
import dev.workspaceoperator.http.UsageExports;
import dev.workspaceoperator.http.console.ConsoleSettings;
import dev.workspaceoperator.http.events.ChangeHub;
import dev.workspaceoperator.http.server.AccessLog;
import dev.workspaceoperator.http.server.StoreWork;
import dev.workspaceoperator.notification.NotificationSender;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.Partitions;
import dev.workspaceoperator.store.BudgetWatch;
import dev.workspaceoperator.store.ChangeFeed;
import dev.workspaceoperator.store.Housekeeping;
import dev.workspaceoperator.store.KillSwitchPools;
import dev.workspaceoperator.store.PostgresApiKeys;
import dev.workspaceoperator.store.PostgresAuditLog;
import dev.workspaceoperator.store.PostgresFleet;
import dev.workspaceoperator.store.PostgresNotificationOutbox;
import dev.workspaceoperator.store.PostgresOverrideStore;
import dev.workspaceoperator.store.PostgresRuntimeSettings;
import dev.workspaceoperator.store.PostgresWorkspaceDirectory;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;

/**
 * The role {@code api}: serves the REST API until it is stopped (design.md §9). Any number of
 * processes do so on one database. A lost store is told by 503 and a metric; readiness stays on.
 */
public final class ApiRole extends ServingRole {
  /** For the installation's kill switch alone, so that it waits behind none of a workspace. */
  private static final int PLATFORM_KILL_SWITCH_CONNECTIONS = 1;

  /** Two for partitions, one for overrides that have run out, one for leases that have ended. */
  private static final int HOUSEKEEPING_CONNECTIONS = 4;

  private static final int NOTIFICATION_CONNECTIONS = 3;

  private final ApiSettings settings;

  private ApiRole(ApiSettings settings, Metrics metrics) {
    super(metrics, settings.drainDelay());
    this.settings = settings;
  }

  /**
   * Starts it, and returns once it serves; waits for the database if that is not up.
   *
   * @param metrics closed by the caller
   * @throws IllegalStateException if a port is taken
   */
  static ApiRole start(ApiSettings settings, Metrics metrics) throws InterruptedException {
    return started(new ApiRole(settings, metrics), settings.management());
  }

  @Override
  int serve() throws InterruptedException {
    own(settings.traces().watched(metrics().registry()));
    awaitStore(settings.listenDatabase(), settings.database());
    MeterRegistry registry = metrics().registry();
    AccessLog accessLog = settings.accessLog().open(parts(), registry);
    DatabaseSettings requests = settings.database().forRequests(settings.databasePatience());
    Database database = own(Database.open(requests)).watched("requests", registry);
    KillSwitchPools killSwitches = own(KillSwitchPools.open(requests)).watched(registry);
    Database forPlatform =
        own(Database.open(requests.withPoolSize(PLATFORM_KILL_SWITCH_CONNECTIONS)))
            .watched("platform-kill-switch", registry);
    Database signIns =
        own(Database.open(requests.withPoolSize(PostgresWorkspaceDirectory.CONNECTIONS)))
            .watched("sign-ins", registry);
    PostgresWorkspaceDirectory directory = own(new PostgresWorkspaceDirectory(signIns));
    PostgresRuntimeSettings runtime =
        own(
            new PostgresRuntimeSettings(
                database, killSwitches, settings.audit(), settings.planDefaults()));
    PostgresOverrideStore overrides = new PostgresOverrideStore(database, settings.audit());
    Database housekeeping =
        own(Database.open(settings.database().withPoolSize(HOUSEKEEPING_CONNECTIONS)))
            .watched("housekeeping", registry);
    Housekeeping house = keepHouse(housekeeping);
    own(
        NotificationSender.start(
            new PostgresNotificationOutbox(
                own(Database.open(settings.database().withPoolSize(NOTIFICATION_CONNECTIONS)))
                    .watched("notifications", registry)),
            settings.notifications(),
            InstantSource.system(),
            registry));
    Gate gate =
        own(Gate.open(settings.database(), settings.gate(), registry))
            .watchingKills(registry)
            .tracedBy(settings.traces().tracer());
    own(Reaper.start(housekeeping, gate));
    CredentialAuthenticator authenticator =
        own(
            CredentialAuthenticator.create(
                directory, settings.issuers(), settings.proxies(), registry));
    ChangeHub events =
        own(
            ChangeHub.start(
                authenticator,
                runtime,
                settings.planDefaults(),
                settings.http().events(),
                registry));
    // What an open stream asks the authenticator must not be older than what it heard.
    ChangeListeners listeners = new ChangeListeners(List.of(authenticator, events, house));
    ChangeFeed feed =
        own(ChangeFeed.start(settings.listenDatabase(), listeners, Clock.systemUTC()));
    storeAnswers(feed::isUp);
    HttpServer server =
        own(
            HttpServer.start(
                settings
                    .http()
                    .withStoreWork(StoreWork.on(requests.poolSize(), settings.databasePatience()))
                    .withConsole(
                        settings
                            .http()
                            .console()
                            .map(_ -> new ConsoleSettings(Version.number(), settings.issuers()))),
                authenticator,
                new ApiPorts(
                    settings.planDefaults(),
                    KillFirst.of(gate, runtime),
                    overrides,
                    new PostgresApiKeys(database, settings.audit()),
                    new PostgresAuditLog(database),
                    KillFirst.of(gate, new PostgresFleet(database, forPlatform, settings.audit())),
                    directory,
                    gate,
                    new PostgresRunBooks(database, settings.gate()),
                    new PostgresUsageBooks(database),
                    new UsageExports(metrics().registry()),
                    events,
                    Clock.systemUTC()),
                accessLog,
                settings.traces().tracer(),
                registry));
    return server.port();
  }

  /** On connections of its own: it may take longer than a request, and keeps none waiting. */
  private Housekeeping keepHouse(Database database) throws InterruptedException {
    List<Partitions> tables =
        List.of(Partitions.ofIdempotencyKeys(database), Partitions.ofRuns(database));
    for (Partitions table : tables) {
      // Without today's partition a request could not be kept.
      var _ =
          onceTheStoreAnswers(() -> {
            table.makeAhead();
            return table;
          });
    }
    return own(
        Housekeeping.start(
            new PostgresOverrideStore(database, settings.audit()),
            new BudgetWatch(database, settings.planDefaults())::look,
            tables.stream().<Runnable>map(table -> table::makeAhead).toList(),
            tables.stream().<Runnable>map(table -> table::dropExpired).toList()));
  }
}
