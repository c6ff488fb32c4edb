SELECT run_id FROM run
WHERE workspace_id = :workspace_id
  AND run_id < COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  AND (:status::text IS NULL OR status = :status)
  AND (:user_id::text IS NULL OR user_id = :user_id)
ORDER BY run_id DESC
LIMIT :rows
