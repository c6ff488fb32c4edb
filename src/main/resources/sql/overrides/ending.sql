-- Workspaces with overrides that have run out, those first that ended first.
SELECT workspace_id
FROM workspace_override
WHERE deleted_at IS NULL AND ended_at IS NULL AND expires_at <= operator_clock()
GROUP BY workspace_id
ORDER BY min(expires_at)
LIMIT :workspaces
