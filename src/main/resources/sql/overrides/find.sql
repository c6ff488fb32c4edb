SELECT override_id, setting, value, reason, created_by, created_at, expires_at
FROM workspace_override
WHERE workspace_id = :workspace_id AND override_id = :override_id
