SELECT workspace_id FROM workspace WHERE slug = :slug AND state <> 'ARCHIVED'
