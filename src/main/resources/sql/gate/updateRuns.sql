UPDATE run r
SET status = n.status,
    lease_expires_at = n.lease_expires_at,
    finished_at = n.finished_at,
    cancel_reason = n.cancel_reason,
    cancelled_by = n.cancelled_by
FROM unnest(:run_workspace_ids::uuid[], :run_ids::uuid[], :run_statuses::text[], :run_leases::timestamptz[],
    :run_ends::timestamptz[], :run_cancel_reasons::text[], :run_cancelled_by::text[])
    AS n (workspace_id, run_id, status, lease_expires_at, finished_at, cancel_reason, cancelled_by)
WHERE r.workspace_id = n.workspace_id AND r.run_id = n.run_id
  AND r.run_id BETWEEN :first_run_id AND :last_run_id
