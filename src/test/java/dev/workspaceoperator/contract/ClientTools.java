package dev.workspaceoperator.contract;

import dev.workspaceoperator.env.CommandResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * What {@code src/test/clients} fetches: programs that check openapi.yaml or make clients of it.
 */
public enum ClientTools {
  LINTERS,
  PYTHON,
  JAVA;

  /** Where they are, and the programs that are tried with clients. */
  public static final Path DIRECTORY = Path.of("src/test/clients").toAbsolutePath();

  /** The first run fetches them. */
  static final Duration PREPARATION = Duration.ofMinutes(12);

  /**
   * The folder that has them; fetched once.
   *
   * @throws IllegalStateException with a sentence if they cannot be had
   */
  public Path folder() throws InterruptedException {
    ProcessBuilder tools =
        new ProcessBuilder(DIRECTORY.resolve("tools").toString(), name().toLowerCase(Locale.ROOT));
    return Path.of(CommandResult.of(tools, "", PREPARATION).orThrow().strip());
  }
}
