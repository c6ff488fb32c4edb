package dev.workspaceoperator.app;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL that hangs: every one of its processes is stopped by SIGSTOP. Its connections stay
 * open, new ones are taken by the kernel, and nothing answers. Goes on when closed.
 */
final class FrozenDatabase implements AutoCloseable {
  private final List<Long> processes;

  private FrozenDatabase(List<Long> processes) {
    this.processes = processes;
  }

  static FrozenDatabase freeze(String databaseUrl) throws SQLException, InterruptedException {
    ProcessHandle postmaster;
    try (Connection session = Sessions.open(databaseUrl);
        Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      postmaster = ProcessHandle.of(row.getLong(1)).flatMap(ProcessHandle::parent).orElseThrow();
    }
    // The parent first, so that nobody is born meanwhile.
    signal("STOP", List.of(postmaster.pid()));
    FrozenDatabase frozen =
        new FrozenDatabase(
            Stream.concat(Stream.of(postmaster), postmaster.descendants())
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .toList());
    signal("STOP", frozen.processes);
    return frozen;
  }

  @Override
  public void close() {
    try {
      signal("CONT", processes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void signal(String name, List<Long> processes) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    processes.forEach(pid -> command.add(pid.toString()));
    try {
      // One that has just ended by itself is no failure.
      Process kill =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!kill.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("kill does not end");
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot send SIG" + name, e);
    }
  }
}
