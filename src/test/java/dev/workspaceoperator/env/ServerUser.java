package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Who PostgreSQL runs as. It refuses root, so under root it runs as {@code nobody}, with the one
 * capability that lets it reach its directory wherever that is.
 */
final class ServerUser {
  private static final int NOBODY = 65534;
  private static final boolean ROOT = isRoot();

  private ServerUser() {}

  /** The command as that user runs it. */
  static List<String> command(List<String> command) {
    if (!ROOT) {
      return command;
    }
    List<String> all =
        new ArrayList<>(
            List.of(
                "setpriv",
                // access(2) would not count the capability otherwise.
                "--securebits=+no_setuid_fixup",
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "--inh-caps=-all,+dac_override",
                "--ambient-caps=-all,+dac_override"));
    all.addAll(command);
    return all;
  }

  /** Gives a directory, and all in it, to that user. */
  static void own(Path directory) {
    if (!ROOT) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.toList()) {
        Files.setAttribute(path, "unix:uid", NOBODY);
        Files.setAttribute(path, "unix:gid", NOBODY);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isRoot() {
    try {
      Path self = Path.of("/proc/self");
      return Files.exists(self)
          ? Files.getAttribute(self, "unix:uid").equals(0)
          : "root".equals(System.getProperty("user.name"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
