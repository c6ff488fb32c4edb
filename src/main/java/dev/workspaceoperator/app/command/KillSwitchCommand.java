package dev.workspaceoperator.app.command;

import dev.workspaceoperator.app.option.AuditOptions;
import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.DatabaseCheck;
import dev.workspaceoperator.store.PostgresFleet;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.port.Actor;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code workspace-operator kill-switch}. */
@Command(
    name = "kill-switch",
    mixinStandardHelpOptions = true,
    description = {
      "Stops the whole installation, and lets it go on: nothing is admitted in any workspace.",
      "As POST /v1/platform/kill-switch does it, but on a database that no replica serves, such as a"
          + " backup that is being restored."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {KillSwitchCommand.On.class, KillSwitchCommand.Off.class})
public final class KillSwitchCommand extends CommandGroup {
  private static final int REASON_LENGTH_MAX = 500;

  /** {@code workspace-operator kill-switch on}. */
  @Command(
      name = "on",
      mixinStandardHelpOptions = true,
      description = "Stops everything. Where it is stopped already, nothing changes.")
  static final class On implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;
    @Mixin private DatabaseOptions database = new DatabaseOptions();
    @Mixin private AuditOptions audit = new AuditOptions();

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "Why, as whoever is refused is told; at most 500 characters.")
    private @Nullable String reason;

    @Override
    public Integer call() {
      ConfigurationReader reader = ConfigurationReader.of(spec);
      DatabaseSettings settings = database.read(reader).forCommands();
      AuditChain chain = audit.read(reader);
      Optional<String> why = Optional.ofNullable(reason).filter(text -> !text.isBlank());
      if (why.filter(KillSwitchCommand::isTooLong).isPresent()) {
        reader.mistake("--reason has at most %d characters.".formatted(REASON_LENGTH_MAX));
      }
      reader.finish();
      return switchKill(settings, chain, true, why, spec);
    }
  }

  /** {@code workspace-operator kill-switch off}. */
  @Command(
      name = "off",
      mixinStandardHelpOptions = true,
      description =
          "Lets it go on. Workspaces that are stopped by themselves, or by their manifest, stay so.")
  static final class Off implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;
    @Mixin private DatabaseOptions database = new DatabaseOptions();
    @Mixin private AuditOptions audit = new AuditOptions();

    @Override
    public Integer call() {
      ConfigurationReader reader = ConfigurationReader.of(spec);
      DatabaseSettings settings = database.read(reader).forCommands();
      AuditChain chain = audit.read(reader);
      reader.finish();
      return switchKill(settings, chain, false, Optional.empty(), spec);
    }
  }

  private static boolean isTooLong(String text) {
    return text.codePointCount(0, text.length()) > REASON_LENGTH_MAX;
  }

  private static int switchKill(
      DatabaseSettings settings,
      AuditChain chain,
      boolean active,
      Optional<String> reason,
      @Nullable CommandSpec spec) {
    DatabaseCheck.require(settings);
    try (Database opened = Database.open(settings)) {
      Optional<KillLatch> latch =
          new PostgresFleet(opened, opened, chain)
              .switchKill(active, reason, new Actor(ACTOR, Optional.empty()));
      Objects.requireNonNull(spec)
          .commandLine()
          .getErr()
          .println(
              latch
                  .map(on -> "On since %s: nothing is admitted.".formatted(on.since()))
                  .orElse("Off: what each workspace's own kill switch allows is admitted again."));
      return ExitCode.OK;
    }
  }
}
