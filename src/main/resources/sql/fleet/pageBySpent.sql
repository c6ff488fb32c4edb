-- Every workspace is looked at for each page: there is no order of what was spent.
WITH clock AS MATERIALIZED (SELECT (operator_clock() AT TIME ZONE 'UTC')::date AS today),
spending AS (
    SELECT w.*, COALESCE(d.spent_micro_usd, 0) AS spent_micro_usd
    FROM clock
    CROSS JOIN workspace w
    LEFT JOIN workspace_day d ON d.workspace_id = w.workspace_id AND d.day = clock.today)
SELECT s.workspace_id, s.spent_micro_usd
FROM spending s
JOIN platform ON platform.singleton
WHERE (-s.spent_micro_usd, s.cluster, s.namespace, s.resource_name)
    > (-:spent::bigint, :cluster, :namespace, :resource_name)
  AND (:killed::boolean IS NULL OR :killed = (
      platform.kill_switch_since IS NOT NULL
      OR s.declared_kill_switch_since IS NOT NULL
      OR s.runtime_kill_switch_since IS NOT NULL))
ORDER BY s.spent_micro_usd DESC, s.cluster, s.namespace, s.resource_name
LIMIT :rows
