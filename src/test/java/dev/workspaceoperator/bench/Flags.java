package dev.workspaceoperator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The flags of the JVM that ship, and those for an AOT cache beside them. */
final class Flags {
  private static final Path FILE = Path.of("src", "main", "jvm", "controller.options");

  private final Path aotCache;

  Flags(Path aotCache) {
    this.aotCache = aotCache;
  }

  List<String> plain() {
    return List.of("@" + FILE);
  }

  /** Those of a run that leaves an AOT cache when it ends. */
  List<String> training() {
    return List.of("@" + FILE, "-XX:AOTCacheOutput=" + aotCache);
  }

  List<String> withAot() {
    return List.of("@" + FILE, "-XX:AOTCache=" + aotCache, "-XX:AOTMode=on");
  }

  /** What the file says about memory. */
  String heap() throws IOException {
    try (Stream<String> lines = Files.lines(FILE)) {
      return lines
          .filter(line -> line.startsWith("-X") && !line.startsWith("-XX:+Exit"))
          .collect(Collectors.joining(" "));
    }
  }
}
