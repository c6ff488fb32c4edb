SELECT key_id, encode(digest, 'hex') AS digest, name, scopes, source, created_at, expires_at, revoked_at
FROM api_key
WHERE workspace_id = :workspace_id AND key_id = :key_id
