package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The most memory that a process had while it was watched. Linux only: reads /proc. */
final class Rss implements AutoCloseable {
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Path status;
  private volatile double peakMib;
  private volatile boolean ended;

  Rss(long pid) {
    this.status = Path.of("/proc", Long.toString(pid), "status");
    Thread _ = Thread.ofPlatform().name("rss").daemon(true).start(this::run);
  }

  /** In MiB. */
  double peakMib() {
    return peakMib;
  }

  private void run() {
    while (!ended) {
      peakMib = Math.max(peakMib, now());
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }

  /** 0 once the process is gone. */
  private double now() {
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException gone) {
      return 0;
    }
  }

  @Override
  public void close() {
    ended = true;
  }
}
