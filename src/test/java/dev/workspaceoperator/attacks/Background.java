package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Programs that stand back behind what is measured. A priority counts within a session only where
 * Linux shares out its cores among sessions first (autogroup): so all of them are in that of this
 * process.
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

  /** Makes a program stand back that runs already. */
  static void standBack(long pid) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("renice", "-n", NICE));
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      threads.forEach(thread -> command.addAll(List.of("-p", thread.getFileName().toString())));
    }
    int exitCode =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (exitCode != 0) {
      throw new IOException("renice ended with exit code " + exitCode);
    }
  }
}
