SELECT key_id, encode(digest, 'hex') AS digest, name, scopes, created_at, expires_at
FROM api_key
WHERE workspace_id IS NULL AND revoked_at IS NULL AND (:key_id::uuid IS NULL OR key_id = :key_id::uuid)
ORDER BY created_at DESC, key_id DESC
