-- As expired, but never a day with a run that is running, or that ended within the retention time: its steps of
-- the days that are kept would lose their run.
SELECT c.relname AS name, i.inhrelid IS NOT NULL AS attached, COALESCE(i.inhdetachpending, false) AS half_detached
FROM pg_class parent
JOIN pg_class c
    ON c.relnamespace = parent.relnamespace AND c.relkind = 'r' AND c.relname ~ ('^' || parent.relname || '_[0-9]{8}$')
CROSS JOIN LATERAL (SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day) of
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = parent.oid
WHERE parent.oid = :parent::regclass
  AND of.day < (operator_clock() AT TIME ZONE 'UTC')::date - :retention_days::integer
  AND NOT EXISTS (
      SELECT FROM run
      WHERE run.run_id >= first_id_of(of.day) AND run.run_id < first_id_of(of.day + 1)
        AND (run.status = 'running'
            OR run.finished_at >= ((operator_clock() AT TIME ZONE 'UTC')::date - :retention_days::integer)::timestamp AT TIME ZONE 'UTC'))
ORDER BY c.relname
