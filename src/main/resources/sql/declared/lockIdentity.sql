-- A workspace whose first INSERT is not committed yet has no row that could be seen or locked: whoever comes second
-- waits here, and finds it in the statements that follow.
SELECT pg_advisory_xact_lock(
    hashtextextended('workspace/' || :cluster::text || '/' || :namespace::text || '/' || :resource_name::text, 0))
