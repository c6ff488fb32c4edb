package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.auth.ForwardProxies;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.http.HttpSettings;
import dev.workspaceoperator.notification.NotificationSettings;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.PlanDefaults;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the role {@code api} is told; every value is checked.
 *
 * @param listenDatabase where changes are heard: directly, never through a transaction pooler
 * @param databasePatience how long a request waits for a connection, and again for a statement or a
 *     lock
 * @param gate how runs and steps are admitted
 * @param issuers whose tokens are accepted beside API keys
 * @param proxies on the way to them
 * @param notifications who is told what happens
 * @param drainDelay how long requests are still taken after readiness is off, so that whoever
 *     routes them has noticed
 * @param accessLog where each request is told of
 * @param traces where its spans are told; the role ends it
 * @param management empty where another role of the process has a management server
 */
public record ApiSettings(
    DatabaseSettings database,
    DatabaseSettings listenDatabase,
    Duration databasePatience,
    AuditChain audit,
    PlanDefaults planDefaults,
    GateSettings gate,
    List<TokenIssuer> issuers,
    ForwardProxies proxies,
    NotificationSettings notifications,
    HttpSettings http,
    Duration drainDelay,
    AccessLogForm accessLog,
    TraceExport traces,
    Optional<ListenAddress> management) {
  public ApiSettings {
    issuers = List.copyOf(issuers);
  }
}
