UPDATE api_key SET revoked_at = :now WHERE workspace_id = :workspace_id AND key_id = :key_id
