INSERT INTO api_key (digest, key_id, workspace_id, name, scopes, source, created_at, expires_at)
VALUES (:digest, :key_id, :workspace_id, :name, :scopes, :source, :now, :expires_at)
