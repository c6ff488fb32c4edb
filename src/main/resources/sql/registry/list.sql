WITH clock AS MATERIALIZED (SELECT operator_clock() AS now)
SELECT
    clock.now,
\ir ../../sql-parts/snapshotColumns.sql
FROM clock
JOIN platform ON platform.singleton
CROSS JOIN workspace w
\ir ../../sql-parts/snapshotJoins.sql
ORDER BY w.cluster, w.namespace, w.resource_name
