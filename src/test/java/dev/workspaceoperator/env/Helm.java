package dev.workspaceoperator.env;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Helm, as {@code tools/helm/go.mod} pins it: from the cache, else built from source.
 *
 * @param program the executable
 * @param kubeconfig the cluster and the identity; need not exist for what needs no cluster
 * @param home where it keeps its own files
 */
public record Helm(Path program, Path kubeconfig, Path home) {
  private static final String HELM = "helm";
  private static final String TITLE = "Helm";
  private static final Map<String, String> PACKAGES = Map.of(HELM, "helm.sh/helm/v4/cmd/helm");
  private static final Duration BOUND = Duration.ofMinutes(3);

  /**
   * Finds or makes the program. The first time on a machine this takes minutes.
   *
   * @throws KubeUnavailableException when there is no way; says what to install
   */
  public static Path locate(Consumer<String> progress) throws InterruptedException {
    PinnedModule module = PinnedModule.helm();
    ProgramCache cache = ProgramCache.ofUser(TITLE, HELM, module.version());
    List<String> program = List.of(HELM);
    if (!cache.has(program)) {
      Path go =
          GoBuild.go()
              .orElseThrow(() ->
                  new KubeUnavailableException(
                      "No helm in %s, and no go to build it. Install Go 1.26 or newer."
                          .formatted(cache.directory())));
      Optional<FileMutex> mutex = cache.lock(() -> cache.has(program), progress);
      if (mutex.isPresent()) {
        try (FileMutex _ = mutex.get()) {
          new GoBuild(TITLE, module, PACKAGES, variables(module), progress)
              .buildInto(cache, go, program);
        }
      }
    }
    return cache.directory().resolve(HELM);
  }

  /** Runs it, for at most three minutes. */
  public CommandResult run(String... arguments) throws InterruptedException {
    return runWithInput("", arguments);
  }

  /** The same with standard input, as for {@code --values -}. */
  public CommandResult runWithInput(String stdin, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    putInto(builder.environment());
    return CommandResult.of(builder, stdin, BOUND);
  }

  /** Tells a process where the cluster and Helm's own files are. */
  void putInto(Map<String, String> environment) {
    environment.put("KUBECONFIG", kubeconfig.toAbsolutePath().toString());
    environment.put("HELM_CACHE_HOME", home.resolve("cache").toString());
    environment.put("HELM_CONFIG_HOME", home.resolve("config").toString());
    environment.put("HELM_DATA_HOME", home.resolve("data").toString());
    environment.put("HOME", home.toString());
  }

  private static List<String> variables(PinnedModule module) {
    String variable = "helm.sh/helm/v4/internal/version.";
    return List.of(variable + "version=" + module.version(), variable + "gitTreeState=clean");
  }
}
