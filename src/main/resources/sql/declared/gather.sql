-- Always one row: everything that bears on one manifest, at one moment.
WITH clock AS MATERIALIZED (SELECT operator_clock() AS now)
SELECT
    clock.now,
    COALESCE((SELECT c.controller_epoch FROM cluster c WHERE c.name = :cluster), 0) AS current_epoch,
    :slug::text IS NOT NULL AND EXISTS (
        SELECT FROM workspace other
        WHERE other.slug = :slug AND other.state <> 'ARCHIVED'
          AND other.workspace_id IS DISTINCT FROM w.workspace_id) AS slug_taken,
    (SELECT array_agg(encode(k.digest, 'hex')) FROM api_key k
     WHERE k.digest = ANY (:digests::bytea[]) AND k.revoked_at IS NULL
       AND (k.source = 'Fleet' OR k.workspace_id IS DISTINCT FROM w.workspace_id)
       AND NOT EXISTS (
           SELECT FROM workspace holder
           WHERE holder.workspace_id = k.workspace_id AND holder.state = 'ARCHIVED')) AS foreign_digests,
\ir ../../sql-parts/snapshotColumns.sql
FROM clock
JOIN platform ON platform.singleton
LEFT JOIN workspace w
    ON w.cluster = :cluster AND w.namespace = :namespace AND w.resource_name = :resource_name
\ir ../../sql-parts/snapshotJoins.sql
