INSERT INTO step (workspace_id, run_id, step_id, name, labels, reserved_micro_usd, admitted_at, cost_micro_usd, settled_at)
SELECT n.workspace_id, n.run_id, n.step_id, NULL, NULL, n.reserved, n.admitted_at, n.cost, n.settled_at
FROM unnest(:settled_workspace_ids::uuid[], :settled_run_ids::uuid[], :settled_step_ids::uuid[],
    :settled_reserved::bigint[], :settled_admitted::timestamptz[], :settled_costs::bigint[], :settled_at::timestamptz[])
    AS n (workspace_id, run_id, step_id, reserved, admitted_at, cost, settled_at)
ON CONFLICT (workspace_id, run_id, step_id) DO UPDATE
SET cost_micro_usd = excluded.cost_micro_usd, settled_at = excluded.settled_at
