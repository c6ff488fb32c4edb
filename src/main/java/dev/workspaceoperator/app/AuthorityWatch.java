package dev.workspaceoperator.app;

import dev.workspaceoperator.loop.Loop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the file with the API server's authority has other contents than at the start. A
 * client reads it once, when it is made: with the old authority a standby would never learn that it
 * could lead, and a leader would end at some moment that nobody chose.
 */
final class AuthorityWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AuthorityWatch.class);

  /** The kubelet itself brings a change into a pod within about a minute. */
  private static final Duration PERIOD = Duration.ofSeconds(5);

  private final Path file;
  private final Optional<byte[]> atStart;
  private final Runnable changed;
  private final CountDownLatch closed = new CountDownLatch(1);

  private AuthorityWatch(Path file, Runnable changed) {
    this.file = file;
    this.atStart = read(file);
    this.changed = changed;
  }

  /**
   * Reads the file, and then looks at it every 5 seconds. Start it before the clients are made.
   *
   * @param file in PEM; one that cannot be read is as it was
   * @param changed called once, on a thread of its own
   */
  static AuthorityWatch start(Path file, Runnable changed) {
    AuthorityWatch watch = new AuthorityWatch(file, changed);
    if (watch.atStart.isPresent()) {
      Thread.ofPlatform()
          .name("authority-watch")
          .daemon()
          .start(Loop.kept("authority-watch", watch::run));
    }
    return watch;
  }

  private void run() {
    try {
      while (!closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
        if (hasChanged()) {
          changed.run();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasChanged() {
    return read(file).filter(now -> !Arrays.equals(atStart.orElseThrow(), now)).isPresent();
  }

  private static Optional<byte[]> read(Path file) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("cause", e.toString())
          .log("The API server's authority cannot be read");
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
