-- As runPage: so many of each status, and of those the newest.
SELECT page.run_id
FROM unnest('{running,succeeded,failed,cancelled,expired}'::text[]) AS any_of (status)
CROSS JOIN LATERAL (
    SELECT run_id FROM run
    WHERE workspace_id = :workspace_id
      AND (user_id, status) >= (:user_id, any_of.status)
      AND (user_id, status, run_id)
          < (:user_id, any_of.status, COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      AND run_id < COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    ORDER BY user_id DESC, run.status DESC, run_id DESC
    LIMIT :rows) page
ORDER BY page.run_id DESC
LIMIT :rows
