package dev.workspaceoperator.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** Files beside the benchmarks: SQL, and what other programs are given to run. */
final class Resources {
  private static final String FOLDER = "/bench/";

  private Resources() {}

  static String text(String name) throws IOException {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  /** A copy of it that another program can read. */
  static Path file(String name) throws IOException {
    Files.createDirectories(Lab.DIRECTORY);
    Path copy = Lab.DIRECTORY.resolve(name);
    try (InputStream in = open(name)) {
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
    }
    return copy;
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(Resources.class.getResourceAsStream(FOLDER + name), name);
  }
}
