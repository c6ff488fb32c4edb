package dev.workspaceoperator.app;

import dev.workspaceoperator.auth.ForwardProxies;
import dev.workspaceoperator.extauthz.ExtAuthzSettings;
import dev.workspaceoperator.extauthz.PriceFile;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.trace.TraceExport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The role {@code ext-authz} in this JVM, on a port of its own. */
final class ExtAuthzReplica implements AutoCloseable {
  private final ExtAuthzRole role;
  private final Metrics metrics;

  private ExtAuthzReplica(ExtAuthzRole role, Metrics metrics) {
    this.role = role;
    this.metrics = metrics;
  }

  /** As it is by default, on any port that is free. */
  static ExtAuthzSettings settings() {
    return ExtAuthzSettings.on("127.0.0.1", 0);
  }

  static ExtAuthzReplica start(String databaseUrl, Path prices) throws InterruptedException {
    return start(databaseUrl, settings(), prices);
  }

  static ExtAuthzReplica start(String databaseUrl, ExtAuthzSettings settings, Path prices)
      throws InterruptedException {
    return start(
        databaseUrl,
        settings,
        Optional.of(
            PriceFile.read(
                prices,
                mistake -> {
                  throw new AssertionError(mistake);
                })));
  }

  /** Without prices. */
  static ExtAuthzReplica start(String databaseUrl, ExtAuthzSettings settings)
      throws InterruptedException {
    return start(databaseUrl, settings, Optional.empty());
  }

  private static ExtAuthzReplica start(
      String databaseUrl, ExtAuthzSettings settings, Optional<PriceFile> prices)
      throws InterruptedException {
    DatabaseSettings database = DatabaseSettings.of(databaseUrl).withPoolSize(4);
    Metrics metrics = new Metrics();
    return new ExtAuthzReplica(
        ExtAuthzRole.start(
            new ExtAuthzRoleSettings(
                database,
                database,
                Duration.ofSeconds(1),
                GateSettings.STANDARD,
                List.of(),
                ForwardProxies.NONE,
                settings,
                prices,
                Duration.ZERO,
                AccessLogForm.NONE,
                TraceExport.none(),
                Optional.empty()),
            metrics),
        metrics);
  }

  int port() {
    return role.port();
  }

  String scrape() {
    return metrics.registry().scrape();
  }

  @Override
  public void close() {
    role.close();
  }
}
