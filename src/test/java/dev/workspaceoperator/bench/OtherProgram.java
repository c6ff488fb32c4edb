package dev.workspaceoperator.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A program that is not of this repository: wrk, pgbench, redis-server. */
final class OtherProgram {
  private static final Path DEBIAN_POSTGRES = Path.of("/usr/lib/postgresql");

  private final Process process;
  private final String name;

  private OtherProgram(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /** Where it is, on the path or where Debian keeps the programs of PostgreSQL. */
  static Optional<Path> find(String name) throws IOException {
    String path = System.getenv().getOrDefault("PATH", "");
    Optional<Path> onPath =
        Stream.of(path.split(":", -1))
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .findFirst();
    if (onPath.isPresent() || !Files.isDirectory(DEBIAN_POSTGRES)) {
      return onPath;
    }
    try (Stream<Path> versions = Files.list(DEBIAN_POSTGRES)) {
      return versions
          .map(version -> version.resolve("bin").resolve(name))
          .filter(Files::isExecutable)
          .max(Comparator.naturalOrder());
    }
  }

  /** Starts it; what it says is read at its end. */
  static OtherProgram start(List<String> command) throws IOException {
    return new OtherProgram(
        command.getFirst(), new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** What it said, once it has ended in good order. */
  String output() throws IOException, InterruptedException {
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(name + " failed: " + said);
    }
    return said;
  }
}
