package dev.workspaceoperator.app;

import dev.workspaceoperator.auth.ForwardProxies;
import dev.workspaceoperator.extauthz.ClientHeader;
import dev.workspaceoperator.extauthz.ExtAuthzSettings;
import dev.workspaceoperator.extauthz.PriceFile;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.sql.DatabaseSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The role {@code ext-authz} in this JVM, as it is by default, on a port of its own. */
final class ExtAuthzReplica implements AutoCloseable {
  private final ExtAuthzRole role;
  private final Metrics metrics;

  private ExtAuthzReplica(ExtAuthzRole role, Metrics metrics) {
    this.role = role;
    this.metrics = metrics;
  }

  static ExtAuthzReplica start(String databaseUrl, int port, Path prices)
      throws InterruptedException {
    return start(databaseUrl, port, Optional.of(prices), Set.of(ClientHeader.values()));
  }

  static ExtAuthzReplica start(
      String databaseUrl, int port, Optional<Path> prices, Set<ClientHeader> clientHeaders)
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
                new ExtAuthzSettings(
                    "127.0.0.1",
                    port,
                    Optional.empty(),
                    ExtAuthzSettings.USER_HEADER,
                    clientHeaders,
                    false,
                    60,
                    ExtAuthzSettings.COST_NAMESPACES,
                    IntStream.rangeClosed(400, 499).boxed().collect(Collectors.toSet()),
                    2_048,
                    Duration.ofSeconds(5)),
                prices.map(file ->
                    PriceFile.read(
                        file,
                        mistake -> {
                          throw new AssertionError(mistake);
                        })),
                Duration.ZERO,
                AccessLogForm.NONE,
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
