package dev.workspaceoperator.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** One run at a time uses a directory; the lock ends with the process, however that ends. */
final class RunLock implements AutoCloseable {
  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the directory for this process, and changes nothing else in it.
   *
   * @param directory made if it is not there
   * @throws IllegalStateException if another run uses it
   */
  static RunLock take(Path directory) throws IOException {
    Files.createDirectories(directory);
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock(channel) == null) {
      channel.close();
      throw new IllegalStateException(
          "Another run uses %s. End it first, or start this one from another clone."
              .formatted(directory));
    }
    return new RunLock(channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // Held by this very process.
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
