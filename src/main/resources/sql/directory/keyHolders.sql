SELECT encode(digest, 'hex') AS digest, key_id, name, workspace_id, scopes, expires_at
FROM api_key
WHERE digest = ANY (:digests::bytea[])
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > operator_clock())
