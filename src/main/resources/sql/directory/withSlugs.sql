SELECT slug, workspace_id FROM workspace WHERE slug = ANY (:slugs::text[]) AND state <> 'ARCHIVED'
