INSERT INTO run (
    workspace_id, run_id, user_id, labels, lease_seconds, max_cost_micro_usd, status,
    started_at, lease_expires_at, finished_at)
SELECT
    n.workspace_id, n.run_id, n.user_id, n.labels::jsonb, n.lease_seconds, n.max_cost, n.status,
    n.started_at, n.lease_expires_at, n.finished_at
FROM unnest(:new_run_workspace_ids::uuid[], :new_run_ids::uuid[], :new_run_user_ids::text[], :new_run_labels::text[],
    :new_run_lease_seconds::bigint[], :new_run_max_costs::bigint[], :new_run_statuses::text[],
    :new_run_starts::timestamptz[], :new_run_leases::timestamptz[], :new_run_ends::timestamptz[])
    AS n (workspace_id, run_id, user_id, labels, lease_seconds, max_cost, status, started_at, lease_expires_at, finished_at)
