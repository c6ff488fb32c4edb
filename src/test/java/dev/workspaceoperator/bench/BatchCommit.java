package dev.workspaceoperator.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;

/**
 * What a durable transaction of 64 rows takes, on a connection of its own and on a workspace that
 * nobody else uses: the lock of the workspace's row, 64 steps, the books, COMMIT. The measure for
 * what the gate may keep a caller waiting.
 */
final class BatchCommit {
  private static final int ROWS = 64;

  private final GateLab lab;
  private final UUID workspaceId;
  private final UUID runId;

  BatchCommit(GateLab lab, UUID workspaceId, UUID runId) {
    this.lab = lab;
    this.workspaceId = workspaceId;
    this.runId = runId;
  }

  /** Commits one after the other. */
  Times measure(double seconds) throws SQLException {
    long[] nanos = new long[1_000_000];
    int count = 0;
    try (Connection connection = lab.connect()) {
      connection.setAutoCommit(false);
      try (PreparedStatement lock =
              connection.prepareStatement(
                  "SELECT active_runs FROM workspace WHERE workspace_id = ? FOR NO KEY UPDATE");
          PreparedStatement write =
              connection.prepareStatement(
                  "INSERT INTO step (workspace_id, run_id, step_id, reserved_micro_usd, admitted_at)"
                      + " SELECT ?, ?, uuidv7(), 0, clock_timestamp() FROM generate_series(1, ?);"
                      + " UPDATE workspace_day SET reserved_micro_usd = reserved_micro_usd + 0"
                      + " WHERE workspace_id = ?; COMMIT")) {
        lock.setObject(1, workspaceId);
        write.setObject(1, workspaceId);
        write.setObject(2, runId);
        write.setInt(3, ROWS);
        write.setObject(4, workspaceId);
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end && count < nanos.length) {
          long start = System.nanoTime();
          lock.execute();
          write.execute();
          nanos[count++] = System.nanoTime() - start;
        }
      }
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return new Times(sorted);
  }

  /** Sorted durations. */
  static final class Times {
    private final long[] nanos;

    Times(long[] nanos) {
      this.nanos = nanos;
    }

    double millis(double quantile) {
      int index = (int) Math.ceil(nanos.length * quantile) - 1;
      return nanos[Math.clamp(index, 0, nanos.length - 1)] / 1e6;
    }

    @Override
    public String toString() {
      return "median %.2f ms, p99 %.2f ms of %,d"
          .formatted(millis(0.5), millis(0.99), nanos.length);
    }
  }
}
