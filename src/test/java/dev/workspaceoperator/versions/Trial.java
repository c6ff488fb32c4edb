package dev.workspaceoperator.versions;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A subject's tests on one version, in a JVM of their own.
 *
 * @param version what the server must say of itself: this, or this and a dot and more
 * @param where the programs come from, as in {@code embedded}
 * @param properties system properties, by which the tests choose that version
 */
record Trial(Subject subject, String version, String where, Map<String, String> properties) {
  private static final Duration BOUND = Duration.ofMinutes(30);

  /** As in {@code PostgreSQL 15, embedded}. */
  String title() {
    return subject.title() + " " + version + (where.isEmpty() ? "" : ", " + where);
  }

  Path log(Path directory) {
    return directory.resolve(title().replaceAll("[^A-Za-z0-9.]+", "-") + ".log");
  }

  /** Runs them; what they print goes to the log. */
  SuiteOutcome run(Path jar, Path directory) throws IOException, InterruptedException {
    Path log = log(directory);
    Path outcome = directory.resolve(log.getFileName() + ".outcome");
    Files.deleteIfExists(outcome);
    Process process =
        new ProcessBuilder(command(jar, outcome))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    // Its servers end with it.
    Thread end = new Thread(process::destroy, "trial-end");
    Runtime.getRuntime().addShutdownHook(end);
    try {
      if (!process.waitFor(BOUND.toMinutes(), TimeUnit.MINUTES)) {
        return SuiteOutcome.broken("did not end within " + BOUND.toMinutes() + " minutes");
      }
    } finally {
      process.destroy();
    }
    if (!Files.exists(outcome)) {
      return SuiteOutcome.broken("ended with " + process.exitValue());
    }
    return checked(SuiteOutcome.read(outcome));
  }

  /** A run on another version than was asked for says nothing of this one. */
  SuiteOutcome checked(SuiteOutcome outcome) {
    return outcome.served().equals(version) || outcome.served().startsWith(version + ".")
        ? outcome
        : SuiteOutcome.broken("ran on " + outcome.served());
  }

  private List<String> command(Path jar, Path outcome) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.add("-Dapplication.jar=" + jar);
    // The packaged program, as in a build, and not the classes that it was packaged from.
    String classes = jar.resolveSibling("classes").toString();
    String classPath = System.getProperty("java.class.path");
    command.add("-classpath");
    command.add(
        (File.pathSeparator + classPath)
            .replace(
                File.pathSeparator + classes + File.pathSeparator,
                File.pathSeparator + jar + File.pathSeparator)
            .substring(1));
    command.addAll(List.of(SelectedTests.class.getName(), subject.name(), outcome.toString()));
    return command;
  }
}
