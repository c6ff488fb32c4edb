package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/** A temporary directory of this JVM; those that killed JVMs left behind go first. */
final class ThrowawayDirectory {
  /** Goes on with the owner's process id. */
  private static final String PREFIX = "workspace-operator-kube-";

  private ThrowawayDirectory() {}

  /** The name carries this JVM's process id, by which a later JVM knows whether it is in use. */
  static Path create() {
    return create(Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** The same in a directory of choice. */
  static Path create(Path parent) {
    try {
      dropAbandoned(parent);
      return Files.createTempDirectory(parent, ownPrefix());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Spares a directory that a JVM holds on to: its process id says nothing in another container. Of
   * JVMs that find the same directory at once, the one that renames it first deletes it.
   */
  private static void dropAbandoned(Path parent) throws IOException {
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path directory : directories) {
        if (Files.isWritable(directory) && ownerIsGone(directory)) {
          take(directory).ifPresent(ThrowawayDirectory::delete);
        }
      }
    }
  }

  /** Leaves it to a later JVM if a server of the ended one still writes to it. */
  private static void delete(Path directory) {
    try {
      Trees.delete(directory);
    } catch (UncheckedIOException e) {
      if (!(e.getCause() instanceof DirectoryNotEmptyException)) {
        throw e;
      }
    }
  }

  /** The directory under a name of this JVM, if it was free to take. */
  private static Optional<Path> take(Path directory) throws IOException {
    Path own = directory.resolveSibling(ownPrefix() + UUID.randomUUID());
    try (FileMutex mutex = FileMutex.tryAcquire(directory.resolve("lock")).orElse(null)) {
      return mutex == null
          ? Optional.empty()
          : Optional.of(Files.move(directory, own, StandardCopyOption.ATOMIC_MOVE));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static String ownPrefix() {
    return PREFIX + ProcessHandle.current().pid() + "-";
  }

  private static boolean ownerIsGone(Path directory) {
    String[] parts = directory.getFileName().toString().substring(PREFIX.length()).split("-", -1);
    return parts[0].matches("\\d{1,10}")
        && ProcessHandle.of(Long.parseLong(parts[0])).filter(ProcessHandle::isAlive).isEmpty();
  }
}
