package dev.workspaceoperator.app.command;

import dev.workspaceoperator.app.option.AuditOptions;
import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.PostgresApiKeys;
import dev.workspaceoperator.store.PostgresFleetApiKeys;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.port.Actor;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code workspace-operator key revoke}. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description = {
      "Revokes a key, of the whole installation or of a workspace.",
      "Every replica refuses it within a second. A key that a manifest lists is revoked by taking it"
          + " out of there."
    })
final class KeyRevokeCommand implements Callable<Integer> {
  private static final Actor ADMINISTRATOR = new Actor(CommandGroup.ACTOR, Optional.empty());

  @Spec private @Nullable CommandSpec spec;
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private AuditOptions audit = new AuditOptions();

  @Parameters(
      paramLabel = "ID",
      description = "The key's id, as `key create` and `key list` show it; not the key itself.")
  private String id = "";

  @Override
  public Integer call() {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings settings = database.read(reader).forCommands();
    AuditChain auditChain = audit.read(reader);
    Optional<UUID> read = id(reader);
    reader.finish();
    UUID keyId = read.orElseThrow();
    try (Database opened = Database.open(settings)) {
      Optional<String> refused = revoke(opened, auditChain, keyId);
      Objects.requireNonNull(spec)
          .commandLine()
          .getErr()
          .println(refused.orElse("Revoked. Every replica refuses it within a second."));
      return refused.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  /** Why not; empty if it was. */
  private static Optional<String> revoke(Database opened, AuditChain auditChain, UUID keyId) {
    if (new PostgresFleetApiKeys(opened, auditChain).revoke(keyId, ADMINISTRATOR)) {
      return Optional.empty();
    }
    PostgresApiKeys keys = new PostgresApiKeys(opened, auditChain);
    Optional<UUID> workspaceId = keys.workspaceOf(keyId);
    if (workspaceId.isEmpty()) {
      return Optional.of(missing(keyId));
    }
    return switch (keys.revoke(workspaceId.get(), keyId, ADMINISTRATOR)) {
      case Outcome.Done<UUID>(UUID _) -> Optional.empty();
      case Outcome.Refused<UUID>(Refusal.ManagedDeclaratively managed) ->
          Optional.of(
              "The manifest %s lists this key. Take it out of spec.apiKeys there."
                  .formatted(managed.manifest().namespacedName()));
      case Outcome.Refused<UUID>(Refusal.Archived _) ->
          Optional.of(
              "The key %s is not revoked, because its workspace is archived: there it starts nothing, and only reads and settles what is open."
                  .formatted(keyId));
      case Outcome.Refused<UUID>(Refusal _) -> Optional.of(missing(keyId));
    };
  }

  private static String missing(UUID keyId) {
    return "There is no key %s, or it is revoked already. `workspace-operator key list` shows those of the whole installation, GET /v1/api-keys a workspace's."
        .formatted(keyId);
  }

  /** Not echoed if it is none: it may be the key itself. */
  private Optional<UUID> id(ConfigurationReader reader) {
    try {
      return Optional.of(UUID.fromString(id));
    } catch (IllegalArgumentException e) {
      reader.mistake(
          "ID must be a key's id, such as 019ab4c2-7a55-7b02-8c11-5d1e9f3a7b60. `workspace-operator key list` shows those of the whole installation.");
      return Optional.empty();
    }
  }
}
