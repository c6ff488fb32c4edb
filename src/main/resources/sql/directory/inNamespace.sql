SELECT slug, workspace_id
FROM workspace
WHERE cluster = :cluster AND namespace = :namespace AND state <> 'ARCHIVED' AND slug IS NOT NULL
ORDER BY slug
