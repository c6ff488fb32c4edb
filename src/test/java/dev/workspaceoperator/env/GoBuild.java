package dev.workspaceoperator.env;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Makes programs from source with Go, as a module of this repository pins them.
 *
 * @param title what they are, as progress names it: {@code Kubernetes}
 * @param packages program to Go package; go names a program after the package's last element
 * @param variables what is linked in, as in {@code k8s.io/component-base/version.gitMajor=1}
 */
record GoBuild(
    String title,
    PinnedModule module,
    Map<String, String> packages,
    List<String> variables,
    Consumer<String> progress) {
  private static final Duration BOUND = Duration.ofMinutes(30);
  private static final long REPORT_SECONDS = 15;

  /** The {@code go} of the PATH, else of Go's usual place. */
  static Optional<Path> go() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.concat(Stream.of(path.split(File.pathSeparator)), Stream.of("/usr/local/go/bin"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, "go"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Builds the programs and puts them into the cache, whose lock the caller holds. */
  void buildInto(ProgramCache cache, Path go, List<String> programs) throws InterruptedException {
    Path work = cache.newWorkDirectory();
    try {
      build(go, programs, work);
      cache.install(work, programs);
    } finally {
      Trees.delete(work);
    }
  }

  /** Builds the programs, which fall under their packages' names, or says why it could not. */
  private void build(Path go, List<String> programs, Path into) throws InterruptedException {
    Path log = into.resolve("go-build.log");
    Process process = start(go, programs, into, log);
    try {
      await(process, programs, log);
      rename(programs, into);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private void rename(List<String> programs, Path into) throws IOException {
    for (String program : programs) {
      Path built = into.resolve(nameOf(packageOf(program)));
      Files.move(built, into.resolve(program), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private String packageOf(String program) {
    return Objects.requireNonNull(packages.get(program), program);
  }

  /** A package's last element that is not a major version. */
  private static String nameOf(String goPackage) {
    return goPackage.replaceFirst("/v\\d+$", "").replaceFirst(".*/", "");
  }

  private Process start(Path go, List<String> programs, Path into, Path log) {
    StringBuilder linkerFlags = new StringBuilder("-s -w");
    variables.forEach(variable -> linkerFlags.append(" -X ").append(variable));
    List<String> command =
        new ArrayList<>(
            List.of(
                go.toString(),
                "build",
                "-trimpath",
                // What counts is the time that this takes: the linker would drop debug information
                // anyway, and k8s.io, which is most of the code, is a little slower not inlined.
                "-gcflags=all=-dwarf=false",
                "-gcflags=k8s.io/...=-dwarf=false -l",
                "-ldflags",
                linkerFlags.toString(),
                "-o"));
    command.add(into + File.separator);
    programs.forEach(program -> command.add(packageOf(program)));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(module.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("CGO_ENABLED", "0");
    builder.environment().put("GOWORK", "off");
    // Memory for time: the compiler collects its garbage less often.
    builder.environment().putIfAbsent("GOGC", "400");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new KubeUnavailableException("Cannot run " + go + ".", e);
    }
  }

  private void await(Process process, List<String> programs, Path log)
      throws InterruptedException, IOException {
    String what = title + ": building " + String.join(", ", programs) + " with go";
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
          "go build of "
              + title
              + " failed (exit code "
              + process.exitValue()
              + "):\n"
              + tail(log));
    }
    progress.accept(what + ": done after " + bound.elapsedSeconds() + " s");
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }
}
