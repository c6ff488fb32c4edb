package dev.workspaceoperator.app.command;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that only has commands below it: called alone, it says which. */
abstract class CommandGroup implements Callable<Integer> {
  /** Who makes a change by a command, as audit rows name it. */
  static final String ACTOR = "administrator";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandSpec self = Objects.requireNonNull(spec);
    self.commandLine().usage(self.commandLine().getErr());
    return ExitCode.USAGE;
  }
}
