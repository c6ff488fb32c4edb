-- OFFSET: each namespace is looked up by its key, however few rows there were when the plan was made.
SELECT asked.cluster, asked.namespace, found.slug, found.workspace_id
FROM (SELECT unnest(:clusters::text[]) AS cluster, unnest(:namespaces::text[]) AS namespace) asked
CROSS JOIN LATERAL (
    SELECT slug, workspace_id
    FROM workspace w
    WHERE w.cluster = asked.cluster AND w.namespace = asked.namespace
      AND w.state <> 'ARCHIVED' AND w.slug IS NOT NULL
    ORDER BY slug OFFSET 0) found
