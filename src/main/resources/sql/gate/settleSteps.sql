UPDATE step s
SET cost_micro_usd = n.cost, settled_at = n.settled_at
FROM unnest(:settled_workspace_ids::uuid[], :settled_run_ids::uuid[], :settled_step_ids::uuid[],
    :settled_costs::bigint[], :settled_at::timestamptz[]) AS n (workspace_id, run_id, step_id, cost, settled_at)
WHERE s.workspace_id = n.workspace_id AND s.run_id = n.run_id AND s.step_id = n.step_id
  AND s.run_id BETWEEN :first_run_id AND :last_run_id
