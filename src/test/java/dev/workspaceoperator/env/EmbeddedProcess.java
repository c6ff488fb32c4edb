package dev.workspaceoperator.env;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One server process with its log ({@code <name>.log}) and process id ({@code <name>.pid}) in a
 * data directory.
 *
 * <p>It never outlives this JVM: a watchdog waits at the end of a pipe that only this JVM holds,
 * and stops the process when the pipe closes, also after kill -9.
 */
public final class EmbeddedProcess {
  private static final boolean ONE_SESSION =
      "one".equals(System.getProperty("environment.sessions"));

  private static final Duration KILL_BOUND = Duration.ofSeconds(10);
  private static final int TAIL_BYTES = 8_000;

  /** Reads until the JVM is gone; then SIGTERM, ten seconds, SIGKILL. */
  private static final String WATCHDOG =
      """
      read -r nothing
      kill -TERM "$1" 2>/dev/null
      for second in 1 2 3 4 5 6 7 8 9 10; do
        kill -0 "$1" 2>/dev/null || exit 0
        sleep 1
      done
      kill -KILL "$1" 2>/dev/null
      """;

  private final String name;
  private final Process process;
  private final Process watchdog;
  private final Path log;
  private final Path pidFile;
  private volatile boolean stopping;

  private EmbeddedProcess(String name, Process process, Process watchdog, Path dataDirectory) {
    this.name = name;
    this.process = process;
    this.watchdog = watchdog;
    this.log = logFile(dataDirectory, name);
    this.pidFile = pidFile(dataDirectory, name);
  }

  /**
   * Starts it in a session of its own, so that Ctrl-C reaches this JVM only, which then stops it.
   * With {@code -Denvironment.sessions=one} it is in that of this JVM: Linux may share out its
   * cores among sessions first, and then lets one wait for longer than what is measured takes.
   */
  public static EmbeddedProcess start(
      String name, List<String> command, Path dataDirectory, Consumer<String> progress) {
    Path log = logFile(dataDirectory, name);
    try {
      if (Files.exists(log)) {
        Files.move(log, log.resolveSibling(name + ".log.1"), StandardCopyOption.REPLACE_EXISTING);
      }
      ProcessBuilder builder =
          new ProcessBuilder(inOwnSession(command))
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(log.toFile());
      // etcd takes any ETCD_* variable for a flag.
      builder.environment().keySet().removeIf(variable -> variable.startsWith("ETCD_"));
      Process process = builder.start();
      String pid = Long.toString(process.pid());
      Files.writeString(pidFile(dataDirectory, name), pid);
      Process watchdog =
          new ProcessBuilder(inOwnSession(List.of("sh", "-c", WATCHDOG, "sh", pid)))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      EmbeddedProcess started = new EmbeddedProcess(name, process, watchdog, dataDirectory);
      CompletableFuture<Void> _ = process.onExit().thenRun(() -> started.ended(progress));
      return started;
    } catch (IOException e) {
      throw new KubeUnavailableException("Cannot start " + name + ".", e);
    }
  }

  private void ended(Consumer<String> progress) {
    watchdog.destroyForcibly();
    if (!stopping) {
      progress.accept(
          "%s ended by itself, exit code %d; its log: %s"
              .formatted(name, process.exitValue(), log));
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /**
   * How it ended: 128 and the signal's number, if by a signal.
   *
   * @throws IllegalThreadStateException if it runs
   */
  public int exitCode() {
    return process.exitValue();
  }

  /** SIGTERM; SIGKILL when the grace is over. */
  public void stop(Duration grace) throws InterruptedException {
    stopping = true;
    process.destroy();
    if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
    }
    awaitEnd();
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    stopping = true;
    process.destroyForcibly();
    awaitEnd();
  }

  private void awaitEnd() throws InterruptedException {
    if (!process.waitFor(KILL_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException(name + " (" + pid() + ") does not end after SIGKILL");
    }
    watchdog.destroyForcibly();
    try {
      Files.deleteIfExists(pidFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the process said last. */
  public String logTail() {
    try {
      byte[] all = Files.readAllBytes(log);
      int from = Math.max(0, all.length - TAIL_BYTES);
      return new String(all, from, all.length - from, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /**
   * Stops what an earlier JVM left behind on this data directory. The caller holds the directory's
   * lock, so no living JVM owns it; a process that does not name the directory is somebody else's.
   */
  static void stopOrphan(String name, Path dataDirectory, Consumer<String> progress)
      throws InterruptedException {
    Path pidFile = pidFile(dataDirectory, name);
    Optional<ProcessHandle> orphan = readPid(pidFile).flatMap(ProcessHandle::of);
    if (orphan.isPresent() && names(orphan.get(), dataDirectory)) {
      ProcessHandle handle = orphan.get();
      progress.accept("%s: stopping one left behind (pid %d)".formatted(name, handle.pid()));
      handle.destroy();
      if (!endsWithin(handle, KILL_BOUND)) {
        handle.destroyForcibly();
        if (!endsWithin(handle, KILL_BOUND)) {
          throw new KubeUnavailableException(
              "Process %d (%s, left behind on %s) does not end; stop it by hand."
                  .formatted(handle.pid(), name, dataDirectory));
        }
      }
    }
    try {
      Files.deleteIfExists(pidFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Long> readPid(Path pidFile) {
    try {
      return Optional.of(Long.valueOf(Files.readString(pidFile).strip()));
    } catch (IOException | NumberFormatException e) {
      // No file, or half written by a JVM that died: nothing to go by.
      return Optional.empty();
    }
  }

  private static boolean names(ProcessHandle handle, Path dataDirectory) {
    return handle
        .info()
        .commandLine()
        .filter(line -> line.contains(dataDirectory.toString()))
        .isPresent();
  }

  private static boolean endsWithin(ProcessHandle handle, Duration bound)
      throws InterruptedException {
    Deadline deadline = Deadline.in(bound);
    while (handle.isAlive() && !deadline.passed()) {
      Thread.sleep(50);
    }
    return !handle.isAlive();
  }

  private static List<String> inOwnSession(List<String> command) {
    boolean hasSetsid =
        Stream.of("/usr/bin/setsid", "/bin/setsid")
            .anyMatch(setsid -> Files.isExecutable(Path.of(setsid)));
    List<String> all = new ArrayList<>();
    if (hasSetsid && !ONE_SESSION) {
      all.add("setsid");
    }
    all.addAll(command);
    return all;
  }

  private static Path logFile(Path dataDirectory, String name) {
    return dataDirectory.resolve(name + ".log");
  }

  private static Path pidFile(Path dataDirectory, String name) {
    return dataDirectory.resolve(name + ".pid");
  }
}
