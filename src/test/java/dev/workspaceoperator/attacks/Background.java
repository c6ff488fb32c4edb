package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

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

  /**
   * What to run to have this program run so as if it were on another machine: it takes what nobody
   * else wants of the processors.
   */
  static List<String> commandElsewhere(List<String> program) {
    List<String> command = new ArrayList<>(List.of("chrt", "--idle", "0"));
    command.addAll(program);
    return command;
  }

  /** The same for a program that runs already, with all its threads, and those that they start. */
  static void moveElsewhere(long pid) throws IOException, InterruptedException {
    Process moved =
        new ProcessBuilder("chrt", "--all-tasks", "--idle", "--pid", "0", Long.toString(pid))
            .inheritIO()
            .start();
    if (moved.waitFor() != 0) {
      throw new IllegalStateException("cannot give process %d the policy IDLE".formatted(pid));
    }
  }
}
