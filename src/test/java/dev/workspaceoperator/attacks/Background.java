package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Programs that stand back behind what is measured. Linux may share out its cores among sessions
 * first (autogroup), and then a priority counts within a session only: so these have one of their
 * own, which has a priority too.
 */
final class Background {
  private static final String NICE = "10";

  private Background() {}

  /** What to run to have this program run so, under the id of the process that is started. */
  static List<String> command(List<String> program) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "setsid",
                "sh",
                "-c",
                "[ ! -e /proc/$$/autogroup ] || echo %1$s >/proc/$$/autogroup; exec nice -n %1$s \"$@\""
                    .formatted(NICE),
                "sh"));
    command.addAll(program);
    return command;
  }

  /** Makes a program with a session of its own stand back that runs already. */
  static void standBack(long pid) throws IOException {
    Path group = Path.of("/proc", Long.toString(pid), "autogroup");
    if (Files.exists(group)) {
      Files.writeString(group, NICE);
    }
  }
}
