SELECT workspace_id FROM api_key WHERE key_id = :key_id AND workspace_id IS NOT NULL AND revoked_at IS NULL
