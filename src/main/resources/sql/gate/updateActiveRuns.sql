UPDATE workspace
SET active_runs = active_runs
    + (:active_changes::bigint[])[array_position(:active_workspace_ids::uuid[], workspace_id)]
WHERE workspace_id = ANY (:active_workspace_ids::uuid[])
