package dev.workspaceoperator.env;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Makes the programs from source with Go, as {@code tools/kube/go.mod} pins them. */
final class KubeBuild {
  private static final Duration BOUND = Duration.ofMinutes(30);
  private static final long REPORT_SECONDS = 15;

  /** Program to Go package; go names a program after the package's last element. */
  private static final Map<String, String> PACKAGES =
      Map.of(
          KubeBinaries.KUBE_APISERVER, "k8s.io/kubernetes/cmd/kube-apiserver",
          KubeBinaries.KUBECTL, "k8s.io/kubernetes/cmd/kubectl",
          KubeBinaries.KUBE_CONTROLLER_MANAGER, "k8s.io/kubernetes/cmd/kube-controller-manager",
          KubeBinaries.ETCD, "go.etcd.io/etcd/server/v3");

  private static final String ETCD_AS_BUILT = "server";

  private final KubeModule module;
  private final Consumer<String> progress;

  KubeBuild(KubeModule module, Consumer<String> progress) {
    this.module = module;
    this.progress = progress;
  }

  /** The {@code go} of the PATH, else of Go's usual place. */
  static Optional<Path> go() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.concat(Stream.of(path.split(File.pathSeparator)), Stream.of("/usr/local/go/bin"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, "go"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Builds the programs into the directory, or says why it could not. */
  void build(Path go, List<String> programs, Path into) throws InterruptedException {
    Path log = into.resolve("go-build.log");
    Process process = start(go, programs, into, log);
    try {
      await(process, programs, log);
      if (programs.contains(KubeBinaries.ETCD)) {
        Files.move(into.resolve(ETCD_AS_BUILT), into.resolve(KubeBinaries.ETCD));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process start(Path go, List<String> programs, Path into, Path log) {
    String variable = " -X k8s.io/component-base/version.";
    String[] numbers = module.version().substring(1).split("\\.", -1);
    String linkerFlags =
        "-s -w"
            + (variable + "gitVersion=" + module.version())
            + (variable + "gitMajor=" + numbers[0])
            + (variable + "gitMinor=" + numbers[1])
            + (variable + "gitTreeState=clean");
    List<String> command =
        new ArrayList<>(
            List.of(go.toString(), "build", "-trimpath", "-ldflags", linkerFlags, "-o"));
    command.add(into + File.separator);
    programs.forEach(program -> command.add(PACKAGES.get(program)));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(module.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("CGO_ENABLED", "0");
    builder.environment().put("GOWORK", "off");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new KubeUnavailableException("Cannot run " + go + ".", e);
    }
  }

  private void await(Process process, List<String> programs, Path log)
      throws InterruptedException, IOException {
    String what = "Kubernetes: building " + String.join(", ", programs) + " with go";
    progress.accept(what + " (" + module.version() + "; the first time takes some minutes)");
    Deadline bound = Deadline.in(BOUND);
    while (!process.waitFor(REPORT_SECONDS, TimeUnit.SECONDS)) {
      progress.accept(what + ": " + bound.elapsedSeconds() + " s");
      if (bound.passed()) {
        throw new KubeUnavailableException(
            "go build did not end within " + BOUND.toMinutes() + " minutes.");
      }
    }
    if (process.exitValue() != 0) {
      throw new KubeUnavailableException(
          "go build of Kubernetes failed (exit code " + process.exitValue() + "):\n" + tail(log));
    }
    progress.accept(what + ": done after " + bound.elapsedSeconds() + " s");
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }
}
