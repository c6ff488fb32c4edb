-- All that run, of which there are few beside those that have ended, and of those the newest. OFFSET: in no order
-- until then, since the order of the run's ids would be had by reading every run.
SELECT run_id FROM (
    SELECT run_id FROM run
    WHERE workspace_id = :workspace_id AND status = 'running'
      AND run_id < COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    OFFSET 0) running
ORDER BY run_id DESC
LIMIT :rows
