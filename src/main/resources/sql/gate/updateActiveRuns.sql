UPDATE workspace w
SET active_runs = w.active_runs + n.change
FROM unnest(:active_workspace_ids::uuid[], :active_changes::bigint[]) AS n (workspace_id, change)
WHERE w.workspace_id = n.workspace_id
