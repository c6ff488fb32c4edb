package dev.workspaceoperator.app.command;

import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.PostgresFleetApiKeys;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.FleetApiKeys;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code workspace-operator key list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the keys of the whole installation that are not revoked.",
      "They were made with --fleet; the newest is first. Those of a workspace: GET /v1/api-keys."
    })
final class KeyListCommand implements Callable<Integer> {
  private static final List<String> HEADER = List.of("ID", "NAME", "SCOPES", "CREATED", "EXPIRES");

  @Spec private @Nullable CommandSpec spec;
  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Override
  public Integer call() {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings settings = database.read(reader).forCommands();
    reader.finish();
    CommandSpec self = Objects.requireNonNull(spec);
    try (Database opened = Database.open(settings)) {
      List<FleetApiKeys.FleetKey> keys =
          new PostgresFleetApiKeys(opened, AuditChain.unkeyed()).list();
      if (keys.isEmpty()) {
        self.commandLine().getErr().println("There are no keys of the whole installation.");
      } else {
        new TextTable(HEADER, keys.stream().map(KeyListCommand::row).toList())
            .print(self.commandLine().getOut());
      }
    }
    return ExitCode.OK;
  }

  private static List<String> row(FleetApiKeys.FleetKey key) {
    return List.of(
        key.id().toString(),
        key.name(),
        key.scopes().stream().map(Scope::label).sorted().collect(Collectors.joining(",")),
        key.createdAt().toString(),
        key.expiresAt().map(Instant::toString).orElse("never"));
  }
}
