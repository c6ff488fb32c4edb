DELETE FROM api_key
WHERE workspace_id = :workspace_id AND digest = ANY (:key_digests::bytea[])
RETURNING name, encode(digest, 'hex') AS digest, scopes, expires_at, revoked_at IS NULL AS live
