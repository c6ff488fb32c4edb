-- As runPage, for any status but running.
SELECT run_id FROM run
WHERE workspace_id = :workspace_id
  AND status <> 'running'
  AND status >= :status
  AND (status, run_id) < (:status, COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  AND run_id < COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY status DESC, run_id DESC
LIMIT :rows
