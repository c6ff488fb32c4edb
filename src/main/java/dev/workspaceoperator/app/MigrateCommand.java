package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code workspace-operator migrate}. */
@Command(
    name = "migrate",
    mixinStandardHelpOptions = true,
    description = {
      "Brings the database's schema up to this version of the program, and ends.",
      "Safe to repeat and to run beside others. The roles do the same when they start."
    })
final class MigrateCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private LogOptions logging = new LogOptions();

  @Option(
      names = "--wait-seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "How long to wait for the database to answer. Default: ${DEFAULT-VALUE}.")
  private String waitSeconds = "60";

  @Override
  public Integer call() throws InterruptedException {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings settings = database.read(reader);
    logging.read(reader);
    int wait = reader.integer("--wait-seconds", waitSeconds, 0, 3600);
    reader.finish();
    logging.apply();
    Logger log = LoggerFactory.getLogger(MigrateCommand.class);
    new Migrations(settings).migrate(Duration.ofSeconds(wait), log::info);
    log.info("The schema is up to date");
    return ExitCode.OK;
  }
}
