SELECT workspace_id FROM workspace WHERE workspace_id = ANY (:workspace_ids::uuid[])
