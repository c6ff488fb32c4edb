-- Workspaces with overrides that have run out, those first that ended first. The clock is read once, in a
-- subquery: the index cannot be asked about a value that may differ from row to row.
SELECT workspace_id
FROM workspace_override
WHERE deleted_at IS NULL AND ended_at IS NULL AND expires_at <= (SELECT operator_clock())
  AND setting = ANY (:known_settings::text[])
GROUP BY workspace_id
ORDER BY min(expires_at)
LIMIT :workspaces
