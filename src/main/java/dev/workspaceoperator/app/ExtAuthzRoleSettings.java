package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.auth.ForwardProxies;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.extauthz.ExtAuthzSettings;
import dev.workspaceoperator.extauthz.PriceFile;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.trace.TraceExport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the role {@code ext-authz} is told; every value is checked.
 *
 * @param listenDatabase where changes are heard: directly, never through a transaction pooler
 * @param databasePatience how long a sign-in waits for a connection
 * @param gate how calls and steps are admitted
 * @param issuers whose tokens are accepted beside API keys
 * @param proxies on the way to them
 * @param server how Envoy is served
 * @param prices empty where nothing is priced
 * @param drainDelay how long questions are still taken after readiness is off
 * @param accessLog where each question is told of
 * @param traces where its spans are told; the role ends it
 * @param management empty where nobody asks for probes and metrics
 */
public record ExtAuthzRoleSettings(
    DatabaseSettings database,
    DatabaseSettings listenDatabase,
    Duration databasePatience,
    GateSettings gate,
    List<TokenIssuer> issuers,
    ForwardProxies proxies,
    ExtAuthzSettings server,
    Optional<PriceFile> prices,
    Duration drainDelay,
    AccessLogForm accessLog,
    TraceExport traces,
    Optional<ListenAddress> management) {
  public ExtAuthzRoleSettings {
    issuers = List.copyOf(issuers);
  }
}
