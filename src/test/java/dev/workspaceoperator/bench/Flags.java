package dev.workspaceoperator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The flags of the JVM that ship, and those for an AOT cache beside them. */
final class Flags {
  private final Path file;
  private final Path aotCache;

  /** Those of a role. */
  Flags(String role, Path aotCache) {
    this.file = Path.of("src", "main", "jvm", role + ".options");
    this.aotCache = aotCache;
  }

  List<String> plain() {
    return List.of("@" + file);
  }

  /** Those of a run that leaves an AOT cache when it ends. */
  List<String> training() {
    return List.of("@" + file, "-XX:AOTCacheOutput=" + aotCache);
  }

  List<String> withAot() {
    return List.of("@" + file, "-XX:AOTCache=" + aotCache, "-XX:AOTMode=on");
  }

  /** What the file says about memory. */
  String heap() throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith("-X") && !line.startsWith("-XX:+Exit"))
          .collect(Collectors.joining(" "));
    }
  }
}
