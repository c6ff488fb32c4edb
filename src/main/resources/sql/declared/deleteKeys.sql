DELETE FROM api_key
WHERE workspace_id = :workspace_id AND source = 'Declared' AND NOT digest = ANY (:key_digests::bytea[])
