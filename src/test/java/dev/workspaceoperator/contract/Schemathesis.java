package dev.workspaceoperator.contract;

import dev.workspaceoperator.env.CommandResult;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Runs {@code src/test/schemathesis/run}. */
public final class Schemathesis {
  private static final Path SCRIPT = Path.of("src/test/schemathesis/run").toAbsolutePath();

  /** The first run makes a Python environment. */
  private static final Duration PREPARATION = Duration.ofMinutes(8);

  private Schemathesis() {}

  /**
   * Sends made-up requests for about this time, and waits for the end.
   *
   * @return 0: nothing was found; 1: something was, told on standard output; 2: it could not run
   */
  public static CommandResult run(
      URI server, String key, Optional<String> fleetKey, Duration duration)
      throws InterruptedException {
    ProcessBuilder script =
        new ProcessBuilder(SCRIPT.toString(), Long.toString(duration.toSeconds()));
    Map<String, String> environment = script.environment();
    environment.put("WORKSPACE_API_URL", server.toString());
    environment.put("WORKSPACE_API_KEY", key);
    environment.remove("WORKSPACE_FLEET_KEY");
    fleetKey.ifPresent(given -> environment.put("WORKSPACE_FLEET_KEY", given));
    return CommandResult.of(script, "", duration.plus(PREPARATION));
  }
}
