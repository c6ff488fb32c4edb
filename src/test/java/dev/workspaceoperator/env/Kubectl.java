package dev.workspaceoperator.env;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * kubectl against one cluster.
 *
 * @param program the executable
 * @param kubeconfig the cluster and the identity
 * @param cacheDirectory where it keeps what it learned of the cluster's API
 */
public record Kubectl(Path program, Path kubeconfig, Path cacheDirectory) {
  private static final Duration BOUND = Duration.ofSeconds(90);

  /** Runs it, for at most 90 seconds. */
  public CommandResult run(String... arguments) throws InterruptedException {
    return runWithInput("", arguments);
  }

  /** The same with standard input, as for {@code apply -f -}. */
  public CommandResult runWithInput(String stdin, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("KUBECONFIG", kubeconfig.toAbsolutePath().toString());
    builder.environment().put("KUBECACHEDIR", cacheDirectory.toAbsolutePath().toString());
    return CommandResult.of(builder, stdin, BOUND);
  }
}
