SELECT 1 FROM workspace WHERE workspace_id = :workspace_id FOR NO KEY UPDATE
