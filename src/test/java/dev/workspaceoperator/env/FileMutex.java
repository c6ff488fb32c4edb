package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A lock between processes that ends with its holder, however the holder ends. */
final class FileMutex implements AutoCloseable {
  /**
   * What this process holds. Asked before the file is opened: closing any other handle of a locked
   * file would drop the lock (POSIX).
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private FileMutex(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock, or is empty when another process, or another part of this one, holds it.
   *
   * @throws UncheckedIOException if the file cannot be made; its directory may be gone
   */
  static Optional<FileMutex> tryAcquire(Path file) {
    Path held = file.toAbsolutePath().normalize();
    if (!HELD.add(held)) {
      return Optional.empty();
    }
    boolean acquired = false;
    try {
      FileChannel channel =
          FileChannel.open(held, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        acquired = channel.tryLock() != null;
      } finally {
        if (!acquired) {
          channel.close();
        }
      }
      return acquired ? Optional.of(new FileMutex(held, channel)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock " + held, e);
    } finally {
      if (!acquired) {
        HELD.remove(held);
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      HELD.remove(file);
    }
  }
}
