package dev.workspaceoperator.app;

import dev.workspaceoperator.app.command.AuditCommand;
import dev.workspaceoperator.app.command.CheckCommand;
import dev.workspaceoperator.app.command.KeyCommand;
import dev.workspaceoperator.app.command.KillSwitchCommand;
import dev.workspaceoperator.app.command.WorkspaceCommand;
import dev.workspaceoperator.app.option.EnvironmentDefaults;
import dev.workspaceoperator.app.option.InvalidConfigurationException;
import dev.workspaceoperator.sql.SchemaMissingException;
import dev.workspaceoperator.store.SchemaTooNewException;
import dev.workspaceoperator.store.UnfitDatabaseException;
import dev.workspaceoperator.workspace.port.ClusterNameTakenException;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** The program: one main class, one command for each role and each administrator's task. */
@Command(
    name = "workspace-operator",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description =
        "Declares, changes and enforces budgets, run caps and kill switches of AI agent"
            + " workspaces.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ControllerCommand.class,
      ApiCommand.class,
      ExtAuthzCommand.class,
      MigrateCommand.class,
      KeyCommand.class,
      WorkspaceCommand.class,
      AuditCommand.class,
      CheckCommand.class,
      KillSwitchCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Each option can also be given by an environment variable: --database-url by"
          + " WORKSPACE_OPERATOR_DATABASE_URL, and so on. A flag beats a variable.",
      "",
      "Exit codes: 0 done, 1 failed or something was found, 2 wrong usage; of check and audit"
          + " verify"
          + " 3 where nothing could be said, as the database was away."
    })
public final class Main {
  private Main() {}

  /** Runs the program and ends the process. */
  public static void main(String[] arguments) {
    // Until a role sets up its own: a command's output is its own, and only trouble is logged.
    LogOptions.forTerminal().apply();
    System.exit(run(System.getenv(), arguments));
  }

  /**
   * Runs one command.
   *
   * @return the exit code: 0 done, 1 failed, 2 wrong usage, or what the command itself documents
   */
  static int run(Map<String, String> environment, String... arguments) {
    return program(environment).execute(arguments);
  }

  /** The program with every command, which takes its defaults from this environment. */
  static CommandLine program(Map<String, String> environment) {
    EnvironmentDefaults defaults = new EnvironmentDefaults(environment);
    CommandLine program = new CommandLine(new Main());
    program.setDefaultValueProvider(defaults);
    program.setUsageHelpAutoWidth(true);
    program.setExecutionExceptionHandler(Main::explain);
    // Without a command, say which there are.
    program.setExecutionStrategy(parsed -> {
      if (!parsed.hasSubcommand()
          && !parsed.isUsageHelpRequested()
          && !parsed.isVersionHelpRequested()) {
        program.usage(program.getErr());
        return ExitCode.USAGE;
      }
      return new CommandLine.RunLast().execute(parsed);
    });
    return program;
  }

  /** What a person can mend is a sentence; only a mistake of ours is a stack trace. */
  private static int explain(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    switch (failure) {
      case InvalidConfigurationException invalid -> {
        command.getErr().println(invalid.getMessage());
        return ExitCode.USAGE;
      }
      case StoreUnavailableException _,
          UnfitDatabaseException _,
          SchemaTooNewException _,
          SchemaMissingException _,
          ClusterNameTakenException _,
          IllegalStateException _ ->
          command.getErr().println(sentence(failure));
      default -> failure.printStackTrace(command.getErr());
    }
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  private static String sentence(Exception failure) {
    String message = String.valueOf(failure.getMessage());
    return Optional.ofNullable(failure.getCause())
        .map(Throwable::getMessage)
        .filter(cause -> !message.contains(cause))
        .map(cause -> message + " (" + cause + ")")
        .orElse(message);
  }
}
