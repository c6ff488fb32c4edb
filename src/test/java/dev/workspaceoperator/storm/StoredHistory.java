package dev.workspaceoperator.storm;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What the database has of one workspace, each with the transaction that wrote it and the time of
 * its COMMIT. A row of {@code idempotency_key} is never changed: its transaction is the one that
 * admitted. That of a step with a cost is the one that settled it, that of a run that is over the
 * one that ended it.
 *
 * @param admissions by their keys
 * @param steps by their ids
 * @param runs by their ids
 * @param changes of settings and of the kill switch, also of the installation's
 */
record StoredHistory(
    Map<String, StoredAdmission> admissions,
    Map<String, StoredStep> steps,
    Map<String, StoredRun> runs,
    List<StoredChange> changes) {

  /** A transaction, and the microsecond of its COMMIT. */
  record Commit(long tx, long micros) {
    static Commit of(ResultSet row) throws SQLException {
      long micros = row.getLong("committed");
      if (row.wasNull()) {
        throw new IllegalStateException("PostgreSQL does not know when a transaction committed");
      }
      return new Commit(row.getLong("tx"), micros);
    }
  }

  /** An Idempotency-Key and its effect. */
  record StoredAdmission(String key, String kind, String effectId, Commit commit) {}

  /** A step; the cost is -1 until it is settled. */
  record StoredStep(
      String id, String runId, long reserved, long cost, LocalDate day, Commit commit) {}

  /** A run; the cap is -1 for none. */
  record StoredRun(
      String id,
      String userId,
      long cap,
      String status,
      Instant leaseEnd,
      Instant end,
      Commit commit) {}

  /** A row of the audit log. */
  record StoredChange(
      boolean platform, String field, String after, String requestId, Commit commit) {}

  private static final String COMMIT =
      "xmin::text::bigint AS tx,"
          + " (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint AS committed";

  static StoredHistory read(Connection connection, String workspaceId) throws SQLException {
    return new StoredHistory(
        admissions(connection, workspaceId),
        steps(connection, workspaceId),
        runs(connection, workspaceId),
        changes(connection, workspaceId));
  }

  private static Map<String, StoredAdmission> admissions(Connection connection, String workspaceId)
      throws SQLException {
    Map<String, StoredAdmission> all = new HashMap<>();
    String sql =
        "SELECT key, effect_kind, effect_id::text AS effect_id, "
            + COMMIT
            + " FROM idempotency_key";
    each(
        connection,
        sql + " WHERE workspace_id = ?",
        workspaceId,
        row -> {
          String key = row.getString("key");
          all.put(
              key,
              new StoredAdmission(
                  key, row.getString("effect_kind"), row.getString("effect_id"), Commit.of(row)));
        });
    return all;
  }

  private static Map<String, StoredStep> steps(Connection connection, String workspaceId)
      throws SQLException {
    Map<String, StoredStep> all = new HashMap<>();
    String sql =
        """
        SELECT step_id::text AS step_id, run_id::text AS run_id, reserved_micro_usd,
            COALESCE(cost_micro_usd, -1) AS cost, (admitted_at AT TIME ZONE 'UTC')::date AS day,
        """
            + COMMIT
            + " FROM step WHERE workspace_id = ?";
    each(
        connection,
        sql,
        workspaceId,
        row ->
            all.put(
                row.getString("step_id"),
                new StoredStep(
                    row.getString("step_id"),
                    row.getString("run_id"),
                    row.getLong("reserved_micro_usd"),
                    row.getLong("cost"),
                    row.getObject("day", LocalDate.class),
                    Commit.of(row))));
    return all;
  }

  private static Map<String, StoredRun> runs(Connection connection, String workspaceId)
      throws SQLException {
    Map<String, StoredRun> all = new HashMap<>();
    String sql =
        """
        SELECT run_id::text AS run_id, user_id, COALESCE(max_cost_micro_usd, -1) AS cap, status,
            (extract(epoch FROM lease_expires_at) * 1000)::bigint AS lease_end,
            COALESCE((extract(epoch FROM finished_at) * 1000)::bigint, 0) AS run_end,
        """
            + COMMIT
            + " FROM run WHERE workspace_id = ?";
    each(
        connection,
        sql,
        workspaceId,
        row ->
            all.put(
                row.getString("run_id"),
                new StoredRun(
                    row.getString("run_id"),
                    row.getString("user_id"),
                    row.getLong("cap"),
                    row.getString("status"),
                    Instant.ofEpochMilli(row.getLong("lease_end")),
                    Instant.ofEpochMilli(row.getLong("run_end")),
                    Commit.of(row))));
    return all;
  }

  private static List<StoredChange> changes(Connection connection, String workspaceId)
      throws SQLException {
    List<StoredChange> all = new ArrayList<>();
    String sql =
        """
        SELECT layer = 'Platform' AS platform, field, COALESCE(after #>> '{}', '') AS after,
            COALESCE(request_id, '') AS request_id,
        """
            + COMMIT
            + """
             FROM audit WHERE workspace_id IN (?, '00000000-0000-0000-0000-000000000000')
                AND layer IN ('Runtime', 'Platform')
            ORDER BY workspace_id, seq
            """;
    each(
        connection,
        sql,
        workspaceId,
        row ->
            all.add(
                new StoredChange(
                    row.getBoolean("platform"),
                    row.getString("field"),
                    row.getString("after"),
                    row.getString("request_id"),
                    Commit.of(row))));
    return all;
  }

  private static void each(Connection connection, String sql, String workspaceId, Row each)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, UUID.fromString(workspaceId));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          each.take(rows);
        }
      }
    }
  }

  private interface Row {
    void take(ResultSet row) throws SQLException;
  }
}
