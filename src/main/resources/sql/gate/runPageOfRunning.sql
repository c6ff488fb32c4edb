-- All that run, of which there are few beside those that have ended, and of those the newest. OFFSET: in no order
-- until then and from no place, since by the order of the run's ids every run would be read, also where a PostgreSQL
-- believes that most of a day's runs still run.
SELECT run_id FROM (
    SELECT run_id FROM run
    WHERE workspace_id = :workspace_id AND status = 'running'
    OFFSET 0) running
WHERE run_id < COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY run_id DESC
LIMIT :rows
