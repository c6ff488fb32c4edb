package dev.workspaceoperator.env;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The Kubernetes programs: from the cache, else {@code KUBEBUILDER_ASSETS}, else a download, else
 * built from source. Says on {@code progress} which of these it does.
 *
 * <p>{@code -Dkubernetes=oldest} chooses the oldest version that is promised, in place of the
 * newest; so does its number, as in {@code 1.30.14}.
 */
public final class KubeBinaries {
  /** The system property that chooses a version. */
  public static final String CHOICE = "kubernetes";

  private static final String NEWEST = "newest";
  private static final String OLDEST = "oldest";

  static final String KUBE_APISERVER = "kube-apiserver";
  static final String ETCD = "etcd";
  static final String KUBECTL = "kubectl";
  static final String KUBE_CONTROLLER_MANAGER = "kube-controller-manager";

  private static final List<String> SERVER_PROGRAMS = List.of(ETCD, KUBECTL, KUBE_APISERVER);
  private static final String TITLE = "Kubernetes";

  private static final Map<String, String> PACKAGES =
      Map.of(
          KUBE_APISERVER, "k8s.io/kubernetes/cmd/kube-apiserver",
          KUBECTL, "k8s.io/kubernetes/cmd/kubectl",
          KUBE_CONTROLLER_MANAGER, "k8s.io/kubernetes/cmd/kube-controller-manager",
          ETCD, "go.etcd.io/etcd/server/v3");

  private static final String ASSETS = "KUBEBUILDER_ASSETS";
  private static final Duration VERSION_BOUND = Duration.ofSeconds(20);

  private final PinnedModule module;
  private final ProgramCache cache;
  private final Path directory;
  private final Consumer<String> progress;

  private KubeBinaries(
      PinnedModule module, ProgramCache cache, Path directory, Consumer<String> progress) {
    this.module = module;
    this.cache = cache;
    this.directory = directory;
    this.progress = progress;
  }

  /**
   * Finds or makes kube-apiserver, etcd and kubectl. The first time on a machine this takes
   * minutes.
   *
   * @throws KubeUnavailableException when there is no way; says what to install or to set
   */
  public static KubeBinaries locate(Consumer<String> progress) throws InterruptedException {
    PinnedModule module = chosen();
    ProgramCache cache = ProgramCache.ofUser(TITLE, "kube", module.version());
    return new KubeBinaries(module, cache, directory(module, cache, progress), progress);
  }

  /** The versions that there are to choose from, by each of their names. */
  public static Map<String, String> pinned() {
    Map<String, String> versions = new LinkedHashMap<>();
    modules().forEach((name, module) -> versions.put(name, module.version().substring(1)));
    return versions;
  }

  private static Map<String, PinnedModule> modules() {
    Map<String, PinnedModule> modules = new LinkedHashMap<>();
    modules.put(OLDEST, PinnedModule.oldestKube());
    modules.put(NEWEST, PinnedModule.kube());
    return modules;
  }

  private static PinnedModule chosen() {
    String choice = System.getProperty(CHOICE, "");
    Map<String, PinnedModule> modules = modules();
    return modules.entrySet().stream()
        .filter(entry ->
            entry.getKey().equals(choice.isEmpty() ? NEWEST : choice)
                || entry.getValue().version().equals("v" + choice))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(() ->
            new KubeUnavailableException(
                "-D%s= must be one of %s, not %s".formatted(CHOICE, pinned(), choice)));
  }

  private static Path directory(PinnedModule module, ProgramCache cache, Consumer<String> progress)
      throws InterruptedException {
    if (cache.has(SERVER_PROGRAMS)) {
      progress.accept("Kubernetes: " + module.version() + " from " + cache.directory());
      return cache.directory();
    }
    Optional<Path> assets = assets(module, progress);
    if (assets.isPresent()) {
      return assets.get();
    }
    Optional<FileMutex> mutex = cache.lock(() -> cache.has(SERVER_PROGRAMS), progress);
    if (mutex.isPresent()) {
      try (FileMutex _ = mutex.get()) {
        downloadOrBuild(module, cache, progress);
      }
    }
    return cache.directory();
  }

  public Path kubeApiserver() {
    return directory.resolve(KUBE_APISERVER);
  }

  public Path etcd() {
    return directory.resolve(ETCD);
  }

  public Path kubectl() {
    return directory.resolve(KUBECTL);
  }

  /** Built when it is first asked for: few need it, and nobody publishes it ready-made. */
  public Path kubeControllerManager() throws InterruptedException {
    List<String> program = List.of(KUBE_CONTROLLER_MANAGER);
    if (!cache.has(program)) {
      Optional<FileMutex> mutex = cache.lock(() -> cache.has(program), progress);
      if (mutex.isPresent()) {
        try (FileMutex _ = mutex.get()) {
          build(module, cache, program, progress);
        }
      }
    }
    return cache.directory().resolve(KUBE_CONTROLLER_MANAGER);
  }

  private static Optional<Path> assets(PinnedModule module, Consumer<String> progress)
      throws InterruptedException {
    String value = System.getenv(ASSETS);
    if (value == null || value.isBlank()) {
      return Optional.empty();
    }
    Path directory = Path.of(value).toAbsolutePath();
    for (String program : SERVER_PROGRAMS) {
      if (!Files.isExecutable(directory.resolve(program))) {
        progress.accept(
            "Kubernetes: not using %s: no program %s in %s".formatted(ASSETS, program, directory));
        return Optional.empty();
      }
    }
    CommandResult answer =
        CommandResult.of(
            new ProcessBuilder(directory.resolve(KUBE_APISERVER).toString(), "--version"),
            "",
            VERSION_BOUND);
    if (answer.exitCode() != 0) {
      progress.accept(
          "Kubernetes: not using %s: %s in %s does not run: %s"
              .formatted(ASSETS, KUBE_APISERVER, directory, answer.stderr().strip()));
      return Optional.empty();
    }
    boolean chosen = !System.getProperty(CHOICE, "").isEmpty();
    if (chosen && !answer.stdout().contains(module.minor() + ".")) {
      progress.accept(
          "Kubernetes: not using %s: %s is not the %s that is asked for"
              .formatted(ASSETS, answer.stdout().strip(), module.version()));
      return Optional.empty();
    }
    progress.accept(
        "Kubernetes: %s from %s=%s (pinned here: %s)"
            .formatted(answer.stdout().strip(), ASSETS, directory, module.version()));
    return Optional.of(directory);
  }

  private static void downloadOrBuild(
      PinnedModule module, ProgramCache cache, Consumer<String> progress)
      throws InterruptedException {
    Path work = cache.newWorkDirectory();
    try {
      new KubeDownload(module, progress).download(SERVER_PROGRAMS, work);
      cache.install(work, SERVER_PROGRAMS);
    } catch (IOException e) {
      progress.accept("Kubernetes: no download (" + e.getMessage() + ")");
      build(module, cache, SERVER_PROGRAMS, progress);
    } finally {
      Trees.delete(work);
    }
  }

  private static void build(
      PinnedModule module, ProgramCache cache, List<String> programs, Consumer<String> progress)
      throws InterruptedException {
    Path go = GoBuild.go().orElseThrow(() -> new KubeUnavailableException(noGo(programs)));
    new GoBuild(TITLE, module, PACKAGES, versionVariables(module), progress)
        .buildInto(cache, go, programs);
  }

  private static List<String> versionVariables(PinnedModule module) {
    String variable = "k8s.io/component-base/version.";
    String[] numbers = module.version().substring(1).split("\\.", -1);
    return List.of(
        variable + "gitVersion=" + module.version(),
        variable + "gitMajor=" + numbers[0],
        variable + "gitMinor=" + numbers[1],
        variable + "gitTreeState=clean");
  }

  private static String noGo(List<String> programs) {
    return "No "
        + String.join(", ", programs)
        + " on this machine, and no go to build them. Install Go 1.26 or newer"
        + (programs.contains(KUBE_APISERVER)
            ? ", or set " + ASSETS + " to a directory with kube-apiserver, etcd and kubectl."
            : ".");
  }
}
