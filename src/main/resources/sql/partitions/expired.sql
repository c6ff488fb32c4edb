-- Days whose retention has ended, those too that somebody began to detach or drop.
SELECT c.relname AS name, i.inhrelid IS NOT NULL AS attached, COALESCE(i.inhdetachpending, false) AS half_detached
FROM pg_class parent
JOIN pg_class c
    ON c.relnamespace = parent.relnamespace AND c.relkind = 'r' AND c.relname ~ ('^' || parent.relname || '_[0-9]{8}$')
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = parent.oid
WHERE parent.oid = :parent::regclass
  AND right(c.relname, 8) < to_char((operator_clock() AT TIME ZONE 'UTC')::date - :retention_days::integer, 'YYYYMMDD')
ORDER BY c.relname
