-- A row for each day of each run that was asked for, with its user's books of the day that was asked for or else
-- of the clock's. The days of a run are read where they matter: it is asked for as a whole, has a cap of its own,
-- or has to be expired. LIMIT and OFFSET: each is looked up by its key, however few rows there were when the plan
-- was made. unnest: see insertSteps.
SELECT
    r.workspace_id, r.run_id, r.user_id, r.labels, r.lease_seconds, r.max_cost_micro_usd, r.status,
    r.started_at, r.lease_expires_at, r.finished_at,
    asked.whole OR r.max_cost_micro_usd IS NOT NULL
        OR r.lease_expires_at <= (SELECT current_setting('workspace_operator.now')::timestamptz) AS whole,
    b.day, b.spent_micro_usd, b.reserved_micro_usd,
    u.spent_micro_usd AS user_spent_micro_usd, u.reserved_micro_usd AS user_reserved_micro_usd
FROM (
    SELECT
        unnest(:run_workspace_ids::uuid[]) AS workspace_id, unnest(:run_ids::uuid[]) AS run_id,
        unnest(:run_wholes::boolean[]) AS whole, unnest(:run_user_days::date[]) AS user_day) asked
CROSS JOIN LATERAL (
    SELECT * FROM run
    WHERE run.workspace_id = asked.workspace_id AND run.run_id = asked.run_id
      AND run.run_id BETWEEN :first_run_id AND :last_run_id LIMIT 1) r
LEFT JOIN LATERAL (
    SELECT * FROM user_day
    WHERE user_day.workspace_id = r.workspace_id AND user_day.user_id = r.user_id
      AND user_day.day = COALESCE(
          asked.user_day, (SELECT (current_setting('workspace_operator.now')::timestamptz AT TIME ZONE 'UTC')::date))
    LIMIT 1) u ON true
LEFT JOIN LATERAL (
    SELECT * FROM run_day
    WHERE run_day.workspace_id = r.workspace_id AND run_day.run_id = r.run_id
      AND (asked.whole OR r.max_cost_micro_usd IS NOT NULL
          OR r.lease_expires_at <= (SELECT current_setting('workspace_operator.now')::timestamptz))
      AND run_day.run_id BETWEEN :first_run_id AND :last_run_id OFFSET 0) b ON true
