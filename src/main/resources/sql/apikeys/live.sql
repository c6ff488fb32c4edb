SELECT key_id, encode(digest, 'hex') AS digest, name, scopes, source, created_at, expires_at
FROM api_key
WHERE workspace_id = :workspace_id
  AND revoked_at IS NULL
  AND (:before_time::timestamptz IS NULL OR (created_at, key_id) < (:before_time::timestamptz, :before_id::uuid))
ORDER BY created_at DESC, key_id DESC
LIMIT :rows
