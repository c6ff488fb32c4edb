package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A temporary directory of this JVM; those that killed JVMs left behind go first. */
final class ThrowawayDirectory {
  private static final String PREFIX = "workspace-operator-kube-";

  private ThrowawayDirectory() {}

  /** The name carries this JVM's process id, by which a later JVM knows whether it is in use. */
  static Path create() {
    try {
      Path parent = Path.of(System.getProperty("java.io.tmpdir"));
      dropAbandoned(parent);
      return Files.createTempDirectory(parent, PREFIX + ProcessHandle.current().pid() + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Spares a directory whose server still holds on to it: its watchdog may be at work, and a
   * process id of another container says nothing here.
   */
  private static void dropAbandoned(Path parent) throws IOException {
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path directory : directories) {
        if (Files.isWritable(directory) && ownerIsGone(directory)) {
          Optional<FileMutex> mutex = FileMutex.tryAcquire(directory.resolve("lock"));
          if (mutex.isPresent()) {
            Trees.delete(directory);
            mutex.get().close();
          }
        }
      }
    }
  }

  private static boolean ownerIsGone(Path directory) {
    String[] parts = directory.getFileName().toString().substring(PREFIX.length()).split("-", -1);
    return parts[0].matches("\\d{1,10}")
        && ProcessHandle.of(Long.parseLong(parts[0])).filter(ProcessHandle::isAlive).isEmpty();
  }
}
