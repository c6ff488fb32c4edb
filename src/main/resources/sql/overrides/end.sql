UPDATE workspace_override
SET ended_at = :now
WHERE workspace_id = :workspace_id
  AND deleted_at IS NULL AND ended_at IS NULL AND expires_at <= :now
  AND setting = ANY (:known_settings::text[])
RETURNING override_id, setting, value, reason, created_by, created_at, expires_at
