package dev.workspaceoperator.attacks;

import java.sql.SQLException;

/** Much of what a workspace can have, put into the store at once, in books that agree with it. */
record Seeds(AttackLab lab, Tenant tenant) {
  /** UUIDv7 of now, on every PostgreSQL that is supported. */
  private static final String ID =
      "(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')"
          + " || '7' || substr(md5(random()::text || n), 1, 3)"
          + " || '8' || substr(md5(random()::text || n), 4, 15))::uuid";

  private static final String TODAY = "(operator_clock() AT TIME ZONE 'UTC')::date";

  /** Runs that ended well. */
  void endedRuns(int count) throws SQLException {
    lab.execute(
        """
        INSERT INTO run (workspace_id, run_id, user_id, lease_seconds, status, started_at,
            lease_expires_at, finished_at)
        SELECT '%s', %s, 'user-' || n %% 1000, 30, 'succeeded', clock_timestamp(),
            clock_timestamp(), clock_timestamp()
        FROM generate_series(1, %d) n
        """
            .formatted(tenant.id(), ID, count));
  }

  /** Running runs, each with one micro-USD reserved, whose leases end so long from now. */
  void runs(int count, String leaseLeft) throws SQLException {
    lab.execute(
        """
        WITH made AS (
            INSERT INTO run (workspace_id, run_id, user_id, lease_seconds, status, started_at,
                lease_expires_at)
            SELECT '%1$s', %2$s, 'user-' || n %% 1000, 30, 'running', clock_timestamp(),
                clock_timestamp() + interval '%3$s'
            FROM generate_series(1, %4$d) n
            RETURNING run_id, user_id),
        of_runs AS (
            INSERT INTO run_day (workspace_id, run_id, day, spent_micro_usd, reserved_micro_usd)
            SELECT '%1$s', run_id, %5$s, 0, 1 FROM made),
        of_users AS (
            INSERT INTO user_day (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)
            SELECT '%1$s', %5$s, user_id, 0, count(*) FROM made GROUP BY user_id),
        of_day AS (
            INSERT INTO workspace_day (workspace_id, day, reserved_micro_usd)
            SELECT '%1$s', %5$s, count(*) FROM made)
        UPDATE workspace SET active_runs = %4$d WHERE workspace_id = '%1$s'
        """
            .formatted(tenant.id(), ID, leaseLeft, count, TODAY));
    analyse();
  }

  /** Users who spent a micro-USD each today. */
  void users(int count) throws SQLException {
    lab.execute(
        """
        WITH of_users AS (
            INSERT INTO user_day (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)
            SELECT '%1$s', %2$s, 'seed-' || n, 1, 0 FROM generate_series(1, %3$d) n)
        INSERT INTO workspace_day (workspace_id, day, spent_micro_usd) VALUES ('%1$s', %2$s, %3$d)
        """
            .formatted(tenant.id(), TODAY, count));
    analyse();
  }

  /** Rows of the audit log; nobody asks here whether they are a chain. */
  void audit(int count) throws SQLException {
    lab.execute(
        """
        INSERT INTO audit (workspace_id, seq, "time", actor, layer, field, before, after,
            request_id, previous_hash, hash)
        SELECT '%1$s', n, clock_timestamp(), 'api-key:seed', 'Runtime', 'name', '"before"',
            '"after"', 'request-' || n, sha256(n::text::bytea), sha256((n + 1)::text::bytea)
        FROM generate_series(1, %2$d) n
        """
            .formatted(tenant.id(), count));
    lab.execute(
        "UPDATE workspace SET audit_seq = %d, audit_hash = sha256('%d') WHERE workspace_id = '%s'"
            .formatted(count, count + 1, tenant.id()));
    analyse();
  }

  /** As autovacuum would, a little later. */
  private void analyse() throws SQLException {
    lab.execute("ANALYZE");
  }
}
