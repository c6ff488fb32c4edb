package dev.workspaceoperator.app.command;

import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.AuditVerifier;
import dev.workspaceoperator.store.DatabaseCheck;
import dev.workspaceoperator.store.ExpectedHead;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code workspace-operator audit heads}. */
@Command(
    name = "heads",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the newest row of each audit chain: a line with the workspace's id and SEQ:HASH.",
      "Kept outside the database, `check --heads` tells by them what a restored backup lacks. The"
          + " chain of the whole installation has the id of zeros. Reads only."
    })
final class AuditHeadsCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Override
  public Integer call() {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings settings = database.read(reader).forCommands();
    reader.finish();
    DatabaseCheck.requireReadable(
        settings, Objects.requireNonNull(spec).commandLine().getErr()::println);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    try (Database opened = Database.open(settings)) {
      for (ExpectedHead head : new AuditVerifier(opened, AuditChain.unkeyed()).heads()) {
        out.println("%s %d:%s".formatted(head.chain(), head.head().seq(), head.head().hash()));
      }
    }
    return ExitCode.OK;
  }
}
