package dev.workspaceoperator.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The controllers of one test: ended after it, and heard where it failed. */
final class ControllerProcesses implements AfterEachCallback {
  private final Map<Path, ControllerProcess> started = new LinkedHashMap<>();

  /** Starts one; see {@link ControllerProcess#start}. */
  ControllerProcess start(List<String> options, String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    Path directory = ControllerProcess.newDirectory();
    ControllerProcess process = ControllerProcess.start(directory, all);
    started.put(directory, process);
    return process;
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException, InterruptedException {
    for (ControllerProcess process : started.values()) {
      process.kill();
      if (context.getExecutionException().isPresent()) {
        System.err.printf(
            "The log of a controller (exit code %d):%n%s%n", process.exitCode(), process.log());
      }
    }
    for (Path directory : started.keySet()) {
      delete(directory);
    }
    started.clear();
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
