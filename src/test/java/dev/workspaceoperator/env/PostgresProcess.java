package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** PostgreSQL's commands and signals (PostgreSQL manual, "Shutting Down the Server"). */
final class PostgresProcess {
  private static final Duration INITDB_BOUND = Duration.ofMinutes(2);
  private static final Duration END_BOUND = Duration.ofSeconds(15);

  private PostgresProcess() {}

  static Path data(Path directory) {
    return directory.resolve("data");
  }

  static List<String> command(PostgresBinaries binaries, Path directory, int port) {
    return ServerUser.command(
        List.of(
            binaries.program("postgres").toString(),
            "-D",
            data(directory).toString(),
            "-p",
            Integer.toString(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=on",
            "-c",
            "synchronous_commit=on",
            "-c",
            "full_page_writes=on",
            "-c",
            "max_connections=200",
            "-c",
            "shared_buffers=128MB",
            "-c",
            "timezone=UTC"));
  }

  static void initdb(PostgresBinaries binaries, Path data, String user, Path passwordFile)
      throws InterruptedException {
    CommandResult.of(
            new ProcessBuilder(
                ServerUser.command(
                    List.of(
                        binaries.program("initdb").toString(),
                        "-D",
                        data.toString(),
                        "--username=" + user,
                        "--pwfile=" + passwordFile,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--no-locale",
                        "--data-checksums"))),
            "",
            INITDB_BOUND)
        .orThrow();
  }

  /** SIGINT: sessions are ended, what is committed is written. SIGTERM would wait for sessions. */
  static void interrupt(long pid) throws InterruptedException {
    CommandResult _ =
        CommandResult.of(
            new ProcessBuilder("kill", "-INT", Long.toString(pid)), "", Duration.ofSeconds(5));
  }

  /** SIGKILL for the server and every session: they share memory, which the next start needs. */
  static void kill(EmbeddedProcess process) throws InterruptedException {
    List<ProcessHandle> sessions =
        ProcessHandle.of(process.pid()).stream().flatMap(ProcessHandle::descendants).toList();
    process.kill();
    end(sessions);
  }

  /** Stops a server that an earlier JVM left behind; the caller holds the directory's lock. */
  static void stopOrphan(Path directory, Consumer<String> progress) throws InterruptedException {
    Path file = data(directory).resolve("postmaster.pid");
    Optional<ProcessHandle> orphan =
        firstLine(file).flatMap(PostgresProcess::handle).filter(it -> serves(it, directory));
    if (orphan.isPresent()) {
      ProcessHandle handle = orphan.get();
      progress.accept("postgres: stopping one left behind (pid %d)".formatted(handle.pid()));
      List<ProcessHandle> sessions = handle.descendants().toList();
      interrupt(handle.pid());
      if (!endsWithin(handle, END_BOUND)) {
        handle.destroyForcibly();
        end(sessions);
        if (!endsWithin(handle, END_BOUND)) {
          throw new IllegalStateException(
              "process %d, left behind on %s, does not end; stop it by hand"
                  .formatted(handle.pid(), directory));
        }
      }
    }
    try {
      // PostgreSQL would take any living process of that number for its owner.
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(List<ProcessHandle> sessions) throws InterruptedException {
    for (ProcessHandle session : sessions) {
      session.destroyForcibly();
    }
    for (ProcessHandle session : sessions) {
      endsWithin(session, END_BOUND);
    }
  }

  private static boolean endsWithin(ProcessHandle handle, Duration bound)
      throws InterruptedException {
    Deadline deadline = Deadline.in(bound);
    while (handle.isAlive() && !deadline.passed()) {
      Thread.sleep(20);
    }
    return !handle.isAlive();
  }

  private static Optional<String> firstLine(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file).stream().findFirst() : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<ProcessHandle> handle(String pid) {
    return pid.strip().matches("\\d{1,10}")
        ? ProcessHandle.of(Long.parseLong(pid.strip()))
        : Optional.empty();
  }

  private static boolean serves(ProcessHandle handle, Path directory) {
    return handle
        .info()
        .commandLine()
        .filter(line -> line.contains(data(directory).toString()))
        .isPresent();
  }
}
