package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.auth.CredentialAuthenticator;
import dev.workspaceoperator.bench.RedisAdmissions;
import dev.workspaceoperator.bench.RedisLine;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.gate.PostgresRunBooks;
import dev.workspaceoperator.gate.PostgresUsageBooks;
import dev.workspaceoperator.http.ApiPorts;
import dev.workspaceoperator.http.HttpServer;
import dev.workspaceoperator.http.HttpSettings;
import dev.workspaceoperator.http.UsageExports;
import dev.workspaceoperator.http.events.ChangeHub;
import dev.workspaceoperator.http.events.EventSettings;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.ChangeFeed;
import dev.workspaceoperator.store.KillSwitchPools;
import dev.workspaceoperator.store.PostgresApiKeys;
import dev.workspaceoperator.store.PostgresAuditLog;
import dev.workspaceoperator.store.PostgresFleet;
import dev.workspaceoperator.store.PostgresOverrideStore;
import dev.workspaceoperator.store.PostgresRuntimeSettings;
import dev.workspaceoperator.store.PostgresWorkspaceDirectory;
import dev.workspaceoperator.trace.Tracer;
import dev.workspaceoperator.workspace.PlanDefaults;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The role {@code api} as a benchmark's comparison: everything as it ships, but runs and steps are
 * admitted by Redis. Keys are PostgreSQL's as ever.
 */
public final class RedisApi {
  private RedisApi() {}

  /** Takes {@code --redis-port=}, {@code --database-url=}, {@code --address=} and the like. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    DatabaseSettings settings =
        DatabaseSettings.of(value(arguments, "--database-url"))
            .forRequests(ApiServer.DATABASE_PATIENCE);
    ListenAddress address = address(value(arguments, "--address"));
    Metrics metrics = new Metrics();
    AuditChain audit = AuditChain.unkeyed();
    PlanDefaults defaults = PlanDefaults.STANDARD;
    Database database = Database.open(settings);
    PostgresRuntimeSettings runtime =
        new PostgresRuntimeSettings(
            database, new KillSwitchPools(database, database), audit, defaults);
    CredentialAuthenticator authenticator =
        CredentialAuthenticator.create(
            new PostgresWorkspaceDirectory(database), List.of(), metrics.registry());
    ChangeHub events =
        ChangeHub.start(
            authenticator, runtime, defaults, EventSettings.STANDARD, metrics.registry());
    ChangeFeed feed =
        ChangeFeed.start(
            settings, new ChangeListeners(List.of(authenticator, events)), Clock.systemUTC());
    Gauge.builder("workspace_operator_store_up", feed, up -> up.isUp() ? 1 : 0)
        .register(metrics.registry());
    try (RedisLine line = RedisLine.open(Integer.parseInt(value(arguments, "--redis-port")))) {
      HttpServer.start(
          HttpSettings.on(address.host(), address.port()),
          authenticator,
          new ApiPorts(
              defaults,
              runtime,
              new PostgresOverrideStore(database, audit),
              new PostgresApiKeys(database, audit),
              new PostgresAuditLog(database),
              new PostgresFleet(database, database, audit),
              new PostgresWorkspaceDirectory(database),
              new RedisAdmissions(line),
              new PostgresRunBooks(database, GateSettings.STANDARD),
              new PostgresUsageBooks(database),
              new UsageExports(metrics.registry()),
              events,
              Clock.systemUTC()),
          LineAccessLog.start(System.out, Clock.systemUTC(), metrics.registry()),
          Tracer.NONE,
          metrics.registry());
      ManagementServer.start(
          address(value(arguments, "--management-address")), () -> true, metrics::write);
      // Until it is killed.
      new CountDownLatch(1).await();
    }
  }

  private static ListenAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new ListenAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  private static String value(String[] arguments, String name) {
    Optional<String> found =
        Arrays.stream(arguments).filter(argument -> argument.startsWith(name + "=")).findFirst();
    return found.orElseThrow().substring(name.length() + 1);
  }
}
