INSERT INTO run (
    workspace_id, run_id, user_id, labels, lease_seconds, max_cost_micro_usd, status,
    started_at, lease_expires_at, finished_at, cancel_reason, cancelled_by)
SELECT
    n.workspace_id, n.run_id, n.user_id, n.labels::jsonb, n.lease_seconds, n.max_cost, n.status,
    n.started_at, n.lease_expires_at, n.finished_at, n.cancel_reason, n.cancelled_by
FROM unnest(:run_workspace_ids::uuid[], :run_ids::uuid[], :run_user_ids::text[], :run_labels::text[],
    :run_lease_seconds::bigint[], :run_max_costs::bigint[], :run_statuses::text[],
    :run_starts::timestamptz[], :run_leases::timestamptz[], :run_ends::timestamptz[],
    :run_cancel_reasons::text[], :run_cancelled_by::text[])
    AS n (workspace_id, run_id, user_id, labels, lease_seconds, max_cost, status,
        started_at, lease_expires_at, finished_at, cancel_reason, cancelled_by)
ON CONFLICT (workspace_id, run_id) DO UPDATE
SET status = excluded.status,
    lease_expires_at = excluded.lease_expires_at,
    finished_at = excluded.finished_at,
    cancel_reason = excluded.cancel_reason,
    cancelled_by = excluded.cancelled_by
