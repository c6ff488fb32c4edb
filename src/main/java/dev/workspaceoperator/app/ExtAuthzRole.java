package dev.workspaceoperator.app;

import dev.workspaceoperator.auth.CredentialAuthenticator;
import dev.workspaceoperator.extauthz.ExtAuthzServer;
import dev.workspaceoperator.extauthz.PriceFile;
import dev.workspaceoperator.gate.Gate;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.ChangeFeed;
import dev.workspaceoperator.store.PostgresWorkspaceDirectory;
import dev.workspaceoperator.store.SettlementKey;
import java.time.Clock;
import java.util.List;

/**
 * The role {@code ext-authz}: answers Envoy until it is stopped (design.md §16). Any number of
 * processes do so on one database, beside those of the role {@code api}, which keep its house.
 */
public final class ExtAuthzRole extends ServingRole {
  private final ExtAuthzRoleSettings settings;

  private ExtAuthzRole(ExtAuthzRoleSettings settings, Metrics metrics) {
    super(metrics, settings.drainDelay());
    this.settings = settings;
  }

  /**
   * Starts it, and returns once it serves; waits for the database if that is not up.
   *
   * @param metrics closed by the caller
   * @throws IllegalStateException if a port is taken, or a certificate is not fit
   */
  static ExtAuthzRole start(ExtAuthzRoleSettings settings, Metrics metrics)
      throws InterruptedException {
    return started(new ExtAuthzRole(settings, metrics), settings.management());
  }

  @Override
  int serve() throws InterruptedException {
    own(settings.traces().watched(metrics().registry()));
    awaitStore(settings.listenDatabase(), settings.database());
    DatabaseSettings requests = settings.database().forRequests(settings.databasePatience());
    Database signIns =
        own(Database.open(requests.withPoolSize(PostgresWorkspaceDirectory.CONNECTIONS)))
            .watched("sign-ins", metrics().registry());
    PostgresWorkspaceDirectory directory = own(new PostgresWorkspaceDirectory(signIns));
    Gate gate =
        own(Gate.open(settings.database(), settings.gate(), metrics().registry()))
            .tracedBy(settings.traces().tracer());
    CredentialAuthenticator authenticator =
        own(
            CredentialAuthenticator.create(
                directory, settings.issuers(), settings.proxies(), metrics().registry()));
    ChangeFeed feed =
        own(
            ChangeFeed.start(
                settings.listenDatabase(),
                new ChangeListeners(List.of(authenticator)),
                Clock.systemUTC()));
    storeAnswers(feed::isUp);
    settings.prices().ifPresent(this::watch);
    ExtAuthzServer server =
        own(
            ExtAuthzServer.start(
                settings.server(),
                authenticator,
                gate,
                settings.prices(),
                onceTheStoreAnswers(() -> SettlementKey.read(signIns)),
                settings.accessLog().open(parts(), metrics().registry()),
                settings.traces().tracer(),
                metrics().registry()));
    return server.port();
  }

  private void watch(PriceFile prices) {
    own(prices);
    prices.watch(metrics().registry());
  }
}
