-- As readRuns, for those runs of the workspaces whose lease has ended: of each the first to die, up to its bound.
-- Before the time from which it is asked for none runs: the entries of those that did are still in the index.
SELECT
    r.workspace_id, r.run_id, r.user_id, r.labels, r.lease_seconds, r.max_cost_micro_usd, r.status,
    r.started_at, r.lease_expires_at, r.finished_at, true AS whole,
    b.day, b.spent_micro_usd, b.reserved_micro_usd,
    u.spent_micro_usd AS user_spent_micro_usd, u.reserved_micro_usd AS user_reserved_micro_usd
FROM unnest(:dead_workspace_ids::uuid[], :dead_runs_bounds::bigint[], :dead_runs_from::timestamptz[])
    AS asked (workspace_id, bound, from_time)
LEFT JOIN LATERAL (
    SELECT d.last_decision_at FROM workspace_day d
    WHERE d.workspace_id = asked.workspace_id ORDER BY d.day DESC LIMIT 1) latest ON true
CROSS JOIN LATERAL (
    SELECT * FROM run
    WHERE run.workspace_id = asked.workspace_id AND run.status = 'running'
      AND run.lease_expires_at >= asked.from_time
      AND run.lease_expires_at
          <= GREATEST((SELECT current_setting('workspace_operator.now')::timestamptz), latest.last_decision_at)
    ORDER BY run.lease_expires_at LIMIT asked.bound) r
LEFT JOIN LATERAL (
    SELECT * FROM user_day
    WHERE user_day.workspace_id = r.workspace_id AND user_day.user_id = r.user_id
      AND user_day.day = (GREATEST(
          (SELECT current_setting('workspace_operator.now')::timestamptz), latest.last_decision_at) AT TIME ZONE 'UTC')::date
    LIMIT 1) u ON true
LEFT JOIN LATERAL (
    SELECT * FROM run_day
    WHERE run_day.workspace_id = r.workspace_id AND run_day.run_id = r.run_id OFFSET 0) b ON true
