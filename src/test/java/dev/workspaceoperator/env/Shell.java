package dev.workspaceoperator.env;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Commands as a person types them, with {@code kubectl} and {@code helm} on the PATH. */
public final class Shell {
  private static final Duration BOUND = Duration.ofMinutes(2);

  private Shell() {}

  /** Runs a script in bash, as administrator of the server's cluster. */
  public static CommandResult run(String script, KubeApiServer server, Helm helm)
      throws InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", script);
    Map<String, String> environment = builder.environment();
    helm.putInto(environment);
    environment.put("KUBECACHEDIR", helm.home().resolve("kubectl-cache").toString());
    environment.merge(
        "PATH",
        String.join(
            File.pathSeparator, directory(server.kubectlProgram()), directory(helm.program())),
        (path, ours) -> ours + File.pathSeparator + path);
    return CommandResult.of(builder, "", BOUND);
  }

  private static String directory(Path program) {
    return program.resolveSibling(".").normalize().toString();
  }
}
