-- As runPage.
SELECT run_id FROM run
WHERE workspace_id = :workspace_id
  AND (user_id, status) >= (:user_id, :status)
  AND (user_id, status, run_id)
      < (:user_id, :status, COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  AND run_id < COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY user_id DESC, status DESC, run_id DESC
LIMIT :rows
