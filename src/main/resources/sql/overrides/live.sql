-- As gate/runPage.
SELECT override_id, setting, value, reason, created_by, created_at, expires_at
FROM workspace_override
WHERE deleted_at IS NULL AND ended_at IS NULL AND expires_at > (SELECT operator_clock())
  AND setting = ANY (:known_settings::text[])
  AND workspace_id >= :workspace_id
  AND (workspace_id, created_at, override_id)
      < (:workspace_id, COALESCE(:before_time::timestamptz, 'infinity'),
          COALESCE(:before_id::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY workspace_id DESC, created_at DESC, override_id DESC
LIMIT :rows
