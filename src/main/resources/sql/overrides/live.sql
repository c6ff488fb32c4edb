SELECT override_id, setting, value, reason, created_by, created_at, expires_at
FROM workspace_override
WHERE workspace_id = :workspace_id
  AND deleted_at IS NULL AND ended_at IS NULL AND expires_at > operator_clock()
  AND (:before_time::timestamptz IS NULL OR (created_at, override_id) < (:before_time::timestamptz, :before_id::uuid))
ORDER BY created_at DESC, override_id DESC
LIMIT :rows
