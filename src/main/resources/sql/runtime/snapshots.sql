-- Everything about each of these workspaces, at one moment; ids that are unknown have no row.
WITH clock AS MATERIALIZED (SELECT operator_clock() AS now)
SELECT
    clock.now,
\ir ../../sql-parts/snapshotColumns.sql
FROM clock
JOIN platform ON platform.singleton
CROSS JOIN workspace w
\ir ../../sql-parts/snapshotJoins.sql
WHERE w.workspace_id = ANY (:workspace_ids::uuid[])
