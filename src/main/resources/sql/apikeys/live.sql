-- As gate/runPage.
SELECT key_id, encode(digest, 'hex') AS digest, name, scopes, source, created_at, expires_at
FROM api_key
WHERE revoked_at IS NULL
  AND workspace_id >= :workspace_id
  AND (workspace_id, created_at, key_id)
      < (:workspace_id, COALESCE(:before_time::timestamptz, 'infinity'),
          COALESCE(:before_id::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY workspace_id DESC, created_at DESC, key_id DESC
LIMIT :rows
