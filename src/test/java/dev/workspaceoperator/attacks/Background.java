package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Programs that stand back behind what is measured. A priority counts within a session only where
 * Linux shares out its cores among sessions first (autogroup): so with {@code
 * -Denvironment.sessions=one} all of them are in that of this process.
 */
final class Background {
  private static final String NICE = "10";

  private Background() {}

  /** What to run to have this program run so, under the id of the process that is started. */
  static List<String> command(List<String> program) {
    List<String> command = new ArrayList<>(List.of("nice", "-n", NICE));
    command.addAll(program);
    return command;
  }

  /** Makes a program stand back that runs already, with all its threads. */
  static void standBack(long pid) throws IOException, InterruptedException {
    Set<String> known = new HashSet<>();
    for (Set<String> threads = threads(pid); known.addAll(threads); threads = threads(pid)) {
      List<String> command = new ArrayList<>(List.of("renice", "-n", NICE));
      threads.forEach(thread -> command.addAll(List.of("-p", thread)));
      // One that has ended meanwhile is told as a failure, and is none.
      int _ =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
    }
  }

  private static Set<String> threads(long pid) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      return threads.map(thread -> thread.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
