-- Chains whose workspace is gone: someone deleted the row that kept the head.
SELECT DISTINCT a.workspace_id FROM audit a
WHERE a.seq = 1
  AND a.workspace_id <> '00000000-0000-0000-0000-000000000000'
  AND NOT EXISTS (SELECT FROM workspace w WHERE w.workspace_id = a.workspace_id)
