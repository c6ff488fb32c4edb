UPDATE api_key SET revoked_at = :now WHERE workspace_id IS NULL AND key_id = :key_id
