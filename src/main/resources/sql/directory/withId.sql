SELECT workspace_id FROM workspace WHERE workspace_id = :workspace_id
